"""Versions of services: an order keeps its terms, whatever is edited or published after it (P10)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.operations.publishing import publish_again
from paidsupport.catalogue.tables import ChecklistItem, DeadlineRules, Service, ServiceVersion
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.tables import ConfigurationEvent
from paidsupport.kernel.db import migrate
from paidsupport.kernel.db.configured import set_aside
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.checklist import queries as checklists
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.deadlines.tables import Deadline
from paidsupport.tickets.report import operations as report
from paidsupport.tickets.tables import Ticket
from tests.people import Desk
from tests.services import publish_all, published

pytestmark = pytest.mark.row("P10")


def change_everything(desk: Desk) -> None:
    """Change all that a draft holds; nothing is published."""
    with desk.ctx(desk.mia) as ctx, set_aside(ctx.session):
        service = ctx.session.scalars(select(Service).where(Service.slug == "installation")).one()
        service.name, service.price_minor = "Set-up", 9900
        service.settings_help = "Ask the new team."
        service.deadlines = {"first-contact": "30m", "resolution": "1d", "answer": "30m"}
        for requirement in service.requirements:
            requirement.text = f"New: {requirement.text}"
        for question in service.questions:
            question.label = f"New: {question.label}"
        ctx.session.execute(update(ChecklistItem).values(text="New: " + ChecklistItem.text))
        ctx.session.execute(update(DeadlineRules).values(rules={"answer": "45m"}))


def terms_seen(desk: Desk, code: str) -> dict[str, object]:
    """All that a ticket under way reads of its service: started, contacted, reported on."""
    desk.claim(code, desk.ada)
    with desk.ctx(desk.ada) as ctx:
        first = correspondence.open_email(ctx, tickets.lock(ctx.session, code)).body
    desk.write(code, desk.ada)
    desk.work()
    desk.receive(code, "Fine, go on.")
    desk.transition(code, "start", desk.ada)
    with desk.ctx(desk.ada) as ctx:
        ticket = tickets.lock(ctx.session, code)
        rows = ctx.session.scalars(select(Deadline).where(Deadline.ticket_id == ticket.id))
        return {
            "first": first,
            "items": [item.text for item in checklists.items(ctx.session, ticket)],
            "deadlines": {row.kind: row.minutes for row in rows},
            "report": "Ask the new team." in report.draft(ctx, ticket),
            "price": ticket.price_minor,
            "name": ticket.service_name,
        }


def test_a_draft_changes_nothing_before_it_is_published(desk: Desk) -> None:
    """Neither for orders that are under way, nor for new ones, nor for visitors."""
    change_everything(desk)
    with desk.ctx() as ctx:
        offered = {each.slug: each for each in catalogue.services(ctx)}
    assert offered["installation"].name == "Installation"
    assert offered["installation"].price_minor == 4500
    seen = terms_seen(desk, desk.order())
    assert "New: " not in str(seen)
    assert (seen["price"], seen["name"], seen["report"]) == (4500, "Installation", False)
    assert desk.broken() == {}


def test_orders_keep_the_terms_that_they_were_placed_under(desk: Desk) -> None:
    """Checklist, questions, settings help, deadlines, requirements and price: new ones are for new orders."""
    old = desk.order()
    change_everything(desk)
    publish_all(desk)
    new = desk.order()
    before, after = terms_seen(desk, old), terms_seen(desk, new)
    assert "New: " not in str(before)
    assert (before["price"], before["name"], before["report"]) == (4500, "Installation", False)
    assert (after["price"], after["name"], after["report"]) == (9900, "Set-up", True)
    assert "New: " in str(after["first"])
    assert all(str(text).startswith("New: ") for text in after["items"])  # type: ignore[attr-defined]
    assert before["deadlines"] != after["deadlines"]
    assert after["deadlines"]["answer"] == 30  # type: ignore[index]
    with desk.ctx() as ctx:
        first, second = (tickets.lock(ctx.session, code) for code in (old, new))
        numbers = [catalogue.terms_under(ctx, each.service_version_id).number for each in (first, second)]
    assert numbers == [1, 2]
    assert desk.broken() == {}


def test_a_publication_is_undone_by_another_one(desk: Desk) -> None:
    """Versions stay, numbered on; the history says who published what, with what was before and after."""
    with published(desk, word="It costs more.") as service:
        service.price_minor = 9900
    with desk.ctx(desk.mia) as ctx, configuration.edit(ctx) as change:
        service = ctx.session.scalars(select(Service).where(Service.slug == "installation")).one()
        wanted = select(ServiceVersion).where(
            ServiceVersion.service_id == service.id, ServiceVersion.number == 1
        )
        publish_again(ctx, change, service, ctx.session.scalars(wanted).one(), "That was a mistake.")
    assert desk.ticket(desk.order()).price_minor == 4500
    with desk.ctx() as ctx:
        rows = select(ServiceVersion).where(ServiceVersion.service_id == service.id)
        kept = ctx.session.scalars(rows.order_by(ServiceVersion.number)).all()
        events = select(ConfigurationEvent).where(ConfigurationEvent.about == "service:installation")
        told = ctx.session.scalars(events.order_by(ConfigurationEvent.number)).all()[-2:]
    assert [(row.number, row.content["price_minor"], row.published_by) for row in kept[-2:]] == [
        (2, 9900, "Mia"),
        (3, 4500, "Mia"),
    ]
    assert kept[0].content == kept[2].content
    assert [(row.kind, row.actor_name, row.data["word"]) for row in told] == [
        ("published", "Mia", "It costs more."),
        ("published", "Mia", "That was a mistake."),
    ]
    assert told[0].data["before"] == {"price_minor": 4500, "currency": "USD"}
    assert told[0].data["after"] == {"price_minor": 9900, "currency": "USD"}
    assert desk.broken() == {}


def test_what_was_ordered_before_there_were_versions_is_under_the_first(desk: Desk) -> None:
    """The migration publishes every service as it is, so that nothing changes for any ticket."""
    code = desk.in_progress(desk.ada)
    engine = mount_of(desk.app).database.engine
    migrate.downgrade(engine, "0018")  # before the ledger, which would miss what is dropped
    migrate.upgrade(engine)
    assert migrate.differences(engine) == []
    with desk.ctx() as ctx:
        ticket = ctx.session.scalars(select(Ticket).where(Ticket.code == code)).one()
        terms = catalogue.terms_under(ctx, ticket.service_version_id)
        templates = catalogue.checklist_under(ctx, ticket.service_version_id)
        assert (terms.number, terms.slug, terms.price_minor) == (1, "installation", 4500)
        assert terms.questions
        assert templates == [
            each
            for each in catalogue.checklist(ctx.session)
            if not each.services or "installation" in each.services
        ]
    with published(desk):
        pass  # nothing was changed: no new version
    with desk.ctx() as ctx:
        assert set(ctx.session.scalars(select(Service.published))) == {1}
    desk.finish(code, desk.ada)
    assert desk.broken() == {}


def test_what_is_missing_is_found(lite_app: Flask, lite_desk: Desk) -> None:
    """The doctor sees a version that is gone."""
    del lite_app
    with lite_desk.ctx() as ctx, set_aside(ctx.session):
        ctx.session.execute(update(Service).where(Service.slug == "upgrade").values(published=2))
    assert "upgrade: a version of this service is missing" in str(lite_desk.broken())
