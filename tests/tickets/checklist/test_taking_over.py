"""A safety fix of a checklist is offered to tickets under way, and told where it was taken over (P10)."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from paidsupport.catalogue.operations.publishing import publish, publish_again
from paidsupport.catalogue.tables import ChecklistItem, Service, ServiceVersion
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import NotFoundError, TransitionRefusedError
from paidsupport.tickets.checklist.operations import taking_over
from tests.people import VISITOR, Desk, sign_in

pytestmark = pytest.mark.row("P10")


def publish_fix(desk: Desk, *, offers: bool = True) -> int:
    """Change the checklist: an item more, one with other words, one less. Returns the id of the version."""
    with desk.ctx(desk.mia) as ctx, configuration.edit(ctx) as change, set_aside(ctx.session):
        session = ctx.session
        items = {row.name: row for row in session.scalars(select(ChecklistItem))}
        items["new-version"].text, items["new-version"].evidence = "Install 1.9.1 or newer", []
        items["backup"].text = "Back up everything"
        session.delete(items["test-photo"])
        for row in items.values():
            row.gates = [gate for gate in row.gates if gate != "test-photo"]
        session.add(
            ChecklistItem(
                name="hole",
                position=-1,
                text="Close the hole in 1.9.0",
                reason="It lets strangers in.",
                phase="before",
                services=[],
                traits=[],
                unless=[],
                gates=["close"],
                evidence=[],
                consent=False,
                skippable=False,
                guide="",
            )
        )
        session.flush()
        service = session.scalars(select(Service).where(Service.slug == "upgrade")).one()
        [version] = publish(ctx, change, [service], "1.9.0 has a hole.", offers_checklist=offers)
        return version.id


def upgrading(desk: Desk, by: Actor) -> str:
    """An upgrade under way, of which the backup is done."""
    code = desk.in_progress(by, service="upgrade", answers={"from_version": ["1.5"], "disk": ["yes"]})
    desk.tick(code, by, "backup", where="/home/backup", size="2 GB", verified="tar -t")
    return code


def page(app: Flask, code: str, name: str = "ada") -> BeautifulSoup:
    """The page of a ticket."""
    return BeautifulSoup(sign_in(app, name).get(f"/support/desk/tickets/{code}").text, "html.parser")


def offered(app: Flask, code: str, name: str = "ada") -> str:
    """What the page of a ticket says of a new checklist."""
    found = page(app, code, name).select_one("#new-checklist")
    return re.sub(r"\s+", " ", found.text).strip() if found else ""


def press(app: Flask, code: str) -> Any:  # noqa: ANN401  # a response
    """Press the button."""
    ada = sign_in(app, "ada")
    page = BeautifulSoup(ada.get(f"/support/desk/tickets/{code}").text, "html.parser")
    form = page.select_one("#new-checklist form")
    assert form is not None
    return ada.post(
        str(form["action"]), data={str(each["name"]): each["value"] for each in form.select("input")}
    )


def test_the_owner_takes_a_safety_fix_over(app: Flask, desk: Desk) -> None:
    """What was done stays done, everything else is as it is in the new version, and the history says so."""
    code = upgrading(desk, desk.ada)
    assert offered(app, code) == ""
    publish_fix(desk)
    said = offered(app, code)
    for text in (
        "version 2",
        "1.9.0 has a hole.",
        "Close the hole",
        "Install 1.9.1",
        "Changed items",
        "stay as",
    ):
        assert text in said
    assert "Back up everything" not in said, "that was done already"
    assert "Only the owner or a manager" in offered(app, code, "ben")
    answer = press(app, code)
    assert (answer.status_code, answer.location.endswith("#checklist")) == (303, True)
    items = desk.items(code)
    assert (items["backup"].state, items["backup"].text) == ("done", "Back up the old gallery and all albums")
    assert (items["new-version"].text, items["new-version"].evidence) == ("Install 1.9.1 or newer", [])
    assert items["hole"].state == "open"
    assert "test-photo" not in items
    assert next(iter(sorted(items.values(), key=lambda item: item.position))).name == "hole"
    assert offered(app, code) == ""
    history = sign_in(app, "ada").get(f"/support/desk/tickets/{code}/history").text
    told = re.sub(r"<[^>]+>|\s+", " ", history)
    assert "took over the checklist of version 2" in told
    assert "added: Close the hole in 1.9.0" in re.sub(r" +", " ", told)
    # what a trait brings later comes from the new version as well
    desk.tick(code, desk.ada, "hole")
    desk.tick(code, desk.ada, "new-version")
    assert desk.broken() == {}


def test_nothing_is_offered_where_nothing_would_change(app: Flask, desk: Desk) -> None:
    """Not by a version that does not offer it, not to new orders, and not before the work."""
    code = upgrading(desk, desk.ada)
    publish_fix(desk, offers=False)
    assert offered(app, code) == ""
    waiting = desk.order(service="upgrade", answers={"from_version": ["1.5"], "disk": ["yes"]})
    assert offered(app, waiting) == ""
    other = desk.in_progress(desk.ada)
    assert offered(app, other) == ""


def test_it_is_refused_to_others_and_comes_once(desk: Desk) -> None:
    """A colleague, a visitor, another version: nothing happens; a form that comes twice: once."""
    code, version_id = upgrading(desk, desk.ada), publish_fix(desk)
    for by, wanted, error in (
        (desk.ben, version_id, TransitionRefusedError),
        (VISITOR, version_id, NotFoundError),
        (desk.ada, version_id - 1, TransitionRefusedError),
    ):
        with pytest.raises(error), desk.ctx(by) as ctx:
            taking_over.take_over(ctx, code, wanted, key=new_key())
    key = new_key()
    for _ in range(2):
        with desk.ctx(desk.ada) as ctx:
            taking_over.take_over(ctx, code, version_id, key=key)
    assert desk.happened(code).count("checklist-taken-over") == 1
    assert desk.ticket(code).checklist_version_id == version_id
    with pytest.raises(TransitionRefusedError), desk.ctx(desk.ada) as ctx:
        taking_over.take_over(ctx, code, version_id, key=new_key())


def test_a_fix_that_is_undone_is_taken_back(app: Flask, desk: Desk) -> None:
    """Tickets that took it over are offered the earlier checklist, all others nothing any more."""
    taken, other = upgrading(desk, desk.ada), upgrading(desk, desk.ada)
    version_id = publish_fix(desk)
    with desk.ctx(desk.ada) as ctx:
        taking_over.take_over(ctx, taken, version_id, key=new_key())
    with desk.ctx(desk.mia) as ctx, configuration.edit(ctx) as change:
        service = ctx.session.scalars(select(Service).where(Service.slug == "upgrade")).one()
        wanted = select(ServiceVersion).where(ServiceVersion.service_id == service.id)
        first = ctx.session.scalars(wanted.order_by(ServiceVersion.number)).first()
        assert first is not None
        publish_again(ctx, change, service, first, "There was no hole.")
    assert offered(app, other) == ""
    assert "Removed items: Close the hole in 1.9.0" in offered(app, taken)


def test_two_who_press_at_once_change_it_once(desk: Desk) -> None:
    """Under the lock of the ticket, the second finds nothing that is offered."""
    code, version_id = upgrading(desk, desk.ada), publish_fix(desk)
    outcomes: list[str] = []

    def act(by: Actor) -> None:
        try:
            with desk.ctx(by) as ctx:
                taking_over.take_over(ctx, code, version_id, key=new_key())
            outcomes.append("done")
        except TransitionRefusedError:
            outcomes.append("refused")

    threads = [threading.Thread(target=act, args=(by,)) for by in (desk.ada, desk.mia)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert desk.happened(code).count("checklist-taken-over") == 1
    assert desk.broken() == {}
