"""Moving in, in the browser: checked first, then started; a worker does both (P18)."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from paidsupport.connect.importing.tables import Import
from paidsupport.kernel.configuration.tables import ConfigurationEvent
from tests.connect.importing.moving import PEOPLE, brought_about, moved, ticket
from tests.connect.importing.test_asking import Server, server
from tests.people import Desk, sign_in

__all__ = ["server"]

pytestmark = pytest.mark.row("P18")

PAGE = "/support/desk/setup/import"


def send(desk: Desk, url: str, /, **typed: Any) -> Any:  # noqa: ANN401  # a response
    """Send the form of a page; the page after it."""
    client = sign_in(desk.app, "mia")
    page = BeautifulSoup(client.get(url).text, "html.parser")
    form = page.select_one("form.ps-narrow")
    assert form
    sent = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[type=hidden]")}
    return client.post(url, data=sent | typed, follow_redirects=True)


def run_of(desk: Desk) -> Import:
    """The newest run."""
    with desk.ctx() as ctx:
        return ctx.session.scalars(select(Import).order_by(Import.id.desc())).first() or Import()


def test_a_file_is_checked_and_then_moved_in(desk: Desk) -> None:
    """What is unknown is listed, queues get services; nothing is written before it is started."""
    lines = [*PEOPLE, *ticket("7", service_name="Café"), *ticket("8", "unassigned")]
    raw = "".join(json.dumps(each) + "\n" for each in lines).encode()
    page = send(desk, PAGE, kind="lines", file=(io.BytesIO(raw), "import.jsonl"))
    assert page.status_code == 200
    assert "Waiting for a worker." in page.text
    run = run_of(desk)
    url = f"{PAGE}/{run.reference}"
    desk.work()
    page = sign_in(desk.app, "mia").get(url)
    for said in ("Checked. Nothing was written.", "Café", "Zoe"):
        assert said in page.text
    assert moved(desk) == {}
    send(desk, url, queue_0="installation")
    desk.work()
    codes = moved(desk)
    assert codes.keys() == {"7", "8"}
    assert desk.ticket(codes["7"]).workflow == "paid"
    assert run_of(desk).storage_key is None
    page = sign_in(desk.app, "mia").get(url)
    assert codes["7"] in page.text
    with desk.ctx() as ctx:
        told = ctx.session.scalars(
            select(ConfigurationEvent).order_by(ConfigurationEvent.number.desc())
        ).first()
        assert told is not None
        assert (told.kind, told.actor_name, told.data["label"]) == ("imported", "Mia", "lines")
    assert brought_about(desk) == {}
    assert desk.broken() == {}


def test_a_table_is_shown_before_its_columns_are_chosen(lite_desk: Desk) -> None:
    """With its first rows; needed columns are asked for, and what was chosen stays."""
    raw = b"Nr,Betreff,Wann\n7,Pictures,2024-01-02\n"
    client = sign_in(lite_desk.app, "mia")

    def again(page: Any, **typed: object) -> Any:  # noqa: ANN401  # responses
        form = BeautifulSoup(page.text, "html.parser").select_one("form.ps-narrow")
        assert form
        sent = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[type=hidden]")}
        return client.post(PAGE, data=sent | {"kind": "csv"} | typed, follow_redirects=True)

    refused = again(client.get(PAGE), source="no name", file=(io.BytesIO(raw), "table.csv"))
    assert "Enter a name like csv:desk.example.org." in refused.text
    assert "is kept for a day" in refused.text
    assert "Pictures" in again(refused).text
    url = f"{PAGE}/{run_of(lite_desk).reference}/columns"
    refused = send(lite_desk, url, column_source_id="Nr", column_summary="Betreff")
    assert "Choose the columns" in refused.text
    chosen = {"column_source_id": "Nr", "column_summary": "Betreff", "column_submitted_at": "Wann"}
    send(lite_desk, url, **chosen)
    lite_desk.work()
    send(lite_desk, url.removesuffix("/columns"))
    lite_desk.work()
    assert moved(lite_desk, "csv").keys() == {"7"}


def test_a_server_is_asked_with_a_sealed_secret(
    lite_desk: Desk,
    server: tuple[str, Server],
) -> None:
    """The secret is in no row as it was typed, and gone once the tickets are here, or after a day."""
    kind, found = server
    secret = "secret" if kind == "zammad" else "root:secret"
    send(lite_desk, PAGE, kind=kind, url=found.url, secret=secret)
    run = run_of(lite_desk)
    assert run.sealed
    assert b"secret" not in run.sealed
    assert "secret" not in json.dumps(run.options)
    lite_desk.work()
    send(lite_desk, f"{PAGE}/{run.reference}")
    lite_desk.work()
    assert len(moved(lite_desk, kind)) == 102
    assert (run_of(lite_desk).state, run_of(lite_desk).sealed) == ("done", None)
    send(lite_desk, PAGE, kind=kind, url=found.url, secret="wrong")
    lite_desk.work()
    page = sign_in(lite_desk.app, "mia").get(f"{PAGE}/{run_of(lite_desk).reference}")
    assert "does not accept the token" in page.text
    lite_desk.clock.forward(seconds=timedelta(days=2).total_seconds())
    lite_desk.work()
    assert run_of(lite_desk).sealed is None
