"""Exports asked for in the browser: made by a worker, downloaded by managers, deleted after a day (P13)."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select, update

from paidsupport.kernel.configuration.tables import ConfigurationEvent
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import StorageFullError
from paidsupport.ops.export import ending, everything, making
from paidsupport.ops.export.tables import Export
from paidsupport.testing import mount_of, worker_of
from tests.people import Desk, csrf_token, sign_in

pytestmark = pytest.mark.row("P13")

PAGE = "/support/desk/setup/export"


def ask(app: Flask, by: str = "mia", **typed: str) -> Any:  # noqa: ANN401  # a response
    """Send the form; the page after it."""
    client = sign_in(app, by)
    page = BeautifulSoup(client.get(PAGE).text, "html.parser")
    form = page.select_one("main form.ps-narrow") or page.select_one("form.ps-narrow")
    assert form
    sent = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[type=hidden]")}
    return client.post(PAGE, data={"kind": "all"} | sent | typed, follow_redirects=True)


def download(app: Flask, by: str = "mia") -> Any:  # noqa: ANN401  # a response
    """Press the newest button."""
    client = sign_in(app, by)
    page = BeautifulSoup(client.get(PAGE).text, "html.parser")
    form = page.select_one("#ps-exports form")
    assert form
    sent = {str(each["name"]): str(each.get("value", "")) for each in form.select("input")}
    return client.post(str(form["action"]), data=sent)


def rows(desk: Desk) -> list[Export]:
    """All exports, oldest first."""
    with desk.ctx() as ctx:
        return list(ctx.session.scalars(select(Export).order_by(Export.id)))


def told(desk: Desk) -> list[tuple[str, str, str]]:
    """What the history of the configuration says: who did what, with whose data."""
    with desk.ctx() as ctx:
        events = ctx.session.scalars(select(ConfigurationEvent).order_by(ConfigurationEvent.number))
        found = [(each.kind, each.actor_name, each.data) for each in events]
    return [(kind, who, data["label"]) for kind, who, data in found if kind in {"exported", "downloaded"}]


def stored(desk: Desk) -> set[str]:
    """The keys of all that is in the store of files."""
    with desk.ctx() as ctx:
        return set(ctx.services.files.keys_before(ctx.now.replace(year=9000)))


def test_a_manager_exports_everything_and_downloads_it_for_a_day(app: Flask, desk: Desk) -> None:
    """Each export and each download is a line in the history; then the file is deleted."""
    code = desk.order()
    before = stored(desk)
    page = ask(app)
    assert "The export will be ready in a moment." in page.text
    assert "Waiting for a worker." in page.text
    assert "hx-trigger" in page.text
    desk.work()
    page = sign_in(app, "mia").get(PAGE)
    assert "Ready:" in page.text
    assert 'hx-get="/support/desk/setup/export"' not in page.text
    got = download(app)
    assert got.status_code == 200
    assert got.headers["Content-Disposition"] == "attachment; filename=desk-2034-03-14.zip"
    with zipfile.ZipFile(io.BytesIO(got.data)) as opened:
        assert code in opened.read(everything.LINES).decode()
    assert download(app).data == got.data
    (row,) = rows(desk)
    assert (row.downloads, row.size) == (2, len(got.data))
    assert row.lines == row.total > 0
    assert told(desk) == [("exported", "Mia", ""), *[("downloaded", "Mia", "")] * 2]
    assert "downloaded all data" in sign_in(app, "mia").get("/support/desk/setup/changes").text
    assert sign_in(app, "ada").get(PAGE).status_code == 403
    desk.clock.forward(hours=24)
    client = sign_in(app, "mia")
    late = client.post(f"{PAGE}/{row.reference}/download", data=csrf_token(client, PAGE))
    assert late.status_code in {404, 422}
    desk.work()
    assert stored(desk) == before
    assert "Deleted." in sign_in(app, "mia").get(PAGE).text
    assert desk.broken() == {}
    desk.clock.forward(days=31)
    desk.work()
    assert rows(desk) == []


def test_the_export_of_a_killed_worker_is_made_again_by_one_other(desk: Desk) -> None:
    """What the first one still does counts no more; after the third one it is given up."""
    desk.order()
    ask(desk.app)
    worker = worker_of(desk.app)
    taken = making._take(worker)
    assert taken is not None
    assert making._take(worker_of(desk.app)) is None
    assert not making.make_next(worker_of(desk.app))
    desk.clock.forward(hours=4)
    before = stored(desk)
    assert making.make_next(worker_of(desk.app))
    (row,) = rows(desk)
    assert (row.state, row.attempts) == ("ready", 2)
    with pytest.raises(making.TakenOverError):
        making._make(worker, taken)
    assert stored(desk) - before == {row.storage_key}
    ask(desk.app)
    for _ in range(3):
        assert making._take(worker) is not None
        desk.clock.forward(hours=4)
    assert not making.make_next(worker)
    assert rows(desk)[-1].state == "failed"
    assert "stopped again and again" in sign_in(desk.app, "mia").get(PAGE).text


def test_progress_is_told_while_it_is_made_and_a_later_worker_ends_it(
    pg_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many lines of how many; once another worker has it, the first one stops."""
    desk, seen = pg_desk, list[dict[str, Any]]()
    desk.order()
    ask(desk.app)
    monkeypatch.setattr(making, "_BEAT", 0.0)
    end = ending.end

    def noted(ctx: Context, export_id: int, attempt: int, **values: object) -> bool:
        seen.append(dict(values))
        return end(ctx, export_id, attempt, **values)

    monkeypatch.setattr(ending, "end", noted)
    taken = making._take(worker_of(desk.app))
    assert taken
    with desk.ctx() as ctx:
        ctx.session.execute(update(Export).values(attempts=2))
    before = stored(desk)
    with pytest.raises(making.TakenOverError):
        making._make(worker_of(desk.app), taken)
    assert len(seen) == 1
    assert stored(desk) == before
    with desk.ctx() as ctx:
        ctx.session.execute(update(Export).values(state="queued"))
    assert making.make_next(worker_of(desk.app))
    lines = [values["lines"] for values in seen[1:]]
    assert lines == sorted(lines)
    assert lines[-1] == seen[-2]["total"] == rows(desk)[0].lines


def test_a_full_disk_is_said_and_leaves_nothing_behind(
    lite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manager reads why, and can ask again."""
    lite_desk.order()
    before = stored(lite_desk)

    def full(_ctx: object, archive: Any) -> Any:  # noqa: ANN401  # an archive, and steps
        with archive.file("desk.jsonl") as target:
            target.write(b"x" * 1_000_000)
            yield 1
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(everything, "fill", full)
    ask(lite_desk.app)
    lite_desk.work()
    assert rows(lite_desk)[0].state == "failed"
    assert str(StorageFullError()) in sign_in(lite_desk.app, "mia").get(PAGE).text
    assert stored(lite_desk) == before
    monkeypatch.undo()
    ask(lite_desk.app)
    assert "This is being exported already." in ask(lite_desk.app).text
    lite_desk.work()
    assert [row.state for row in rows(lite_desk)] == ["failed", "ready"]


def test_an_erasure_deletes_exports_in_which_the_customer_is(lite_desk: Desk) -> None:
    """Also one that waits; of the customer who was exported nothing stays in the row."""
    code = lite_desk.order()
    lite_desk.transition(code, "reject", lite_desk.mia, reason="spam", note="Twice.")
    before = stored(lite_desk)
    ask(lite_desk.app)
    lite_desk.work()
    ask(lite_desk.app, kind="customer", customer="jane@example.com")
    done = lite_desk.app.test_cli_runner().invoke(args=["paidsupport", "erase", "jane@example.com", "--yes"])
    assert done.exit_code == 0, done.output
    assert {(row.state, row.about) for row in rows(lite_desk)} == {("expired", "")}
    assert stored(lite_desk) == before
    assert "A customer was erased" in sign_in(lite_desk.app, "mia").get(PAGE).text
    lite_desk.work()
    assert {row.state for row in rows(lite_desk)} == {"expired"}
    assert mount_of(lite_desk.app) is not None
    assert json.dumps(told(lite_desk)).count("jane") == 0
