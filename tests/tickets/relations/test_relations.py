"""Tickets that belong together, and the new request that a further wish becomes (G17, P7)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from paidsupport.catalogue.tables import Service
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db import search
from paidsupport.kernel.errors import InvalidInputError, KeyReusedError, NotFoundError
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.queries import pages
from paidsupport.tickets.relations.operations import links as relations
from paidsupport.tickets.tables import Event, Ticket
from tests.people import ORDER, Desk
from tests.services import published

pytestmark = [pytest.mark.row("G17"), pytest.mark.row("P7")]


def link(desk: Desk, code: str, other: str, kind: str = "related", key: str = "") -> None:
    """Ben links two tickets."""
    with desk.ctx(desk.ben) as ctx:
        relations.link(ctx, code, other, kind, key or new_key())


def unlink(desk: Desk, code: str, other: str, key: str = "") -> None:
    """Mia takes a link away."""
    with desk.ctx(desk.mia) as ctx:
        relations.unlink(ctx, code, other, key or new_key())


def request(desk: Desk, code: str, by: Actor | None = None, **changed: Any) -> Ticket:  # noqa: ANN401
    """Open a request for a further wish."""
    wanted = {"message": None, "service": "customization", "details": "E-cards, too.", "key": new_key()}
    with desk.ctx(by or desk.ben) as ctx:
        return relations.request_from(ctx, code, **(wanted | changed))


def linked(desk: Desk, code: str) -> list[tuple[str, str]]:
    """How and with which tickets a ticket is linked."""
    with desk.ctx() as ctx:
        return [(row.kind, row.code) for row in pages.for_desk(ctx, code).links]


def told(desk: Desk, code: str, kind: str) -> list[dict[str, Any]]:
    """The data of a ticket's events of this kind."""
    with desk.ctx() as ctx:
        wanted = select(Event.data).join(Ticket).where(Ticket.code == code, Event.kind == kind)
        return list(ctx.session.scalars(wanted.order_by(Event.number)))


def test_a_link_is_seen_from_both_sides_and_taken_away_from_either(desk: Desk) -> None:
    """With the right words on each; both histories tell, and versions stay: no claim is lost."""
    one, two, three = desk.order(), desk.order(), desk.order()
    link(desk, one, two.lower().replace("-", " "), "follows")
    link(desk, three, one)
    assert linked(desk, one) == [("follows", two), ("related", three)]
    assert linked(desk, two) == [("followed-by", one)]
    assert linked(desk, three) == [("related", one)]
    assert told(desk, two, "linked") == [{"other": one, "kind": "followed-by"}]
    unlink(desk, two, one)
    assert linked(desk, two) == []
    assert linked(desk, one) == [("related", three)]
    assert told(desk, two, "unlinked") == [{"other": one, "kind": "followed-by"}]
    assert told(desk, one, "unlinked") == [{"other": two, "kind": "follows"}]
    assert {desk.ticket(code).version for code in (one, two, three)} == {1}
    assert desk.broken() == {}


def test_a_form_sent_twice_links_once(desk: Desk) -> None:
    """Also the one that takes it away; with other content the key is used up."""
    one, two, three = desk.order(), desk.order(), desk.order()
    key, other_key = new_key(), new_key()
    for _ in range(2):
        link(desk, one, two, key=key)
    with pytest.raises(KeyReusedError):
        link(desk, one, three, key=key)
    for _ in range(2):
        unlink(desk, one, two, key=other_key)
    assert desk.happened(one).count("linked") == desk.happened(two).count("linked") == 1
    assert desk.happened(one).count("unlinked") == desk.happened(two).count("unlinked") == 1


@pytest.mark.parametrize(
    ("other", "kind", "field", "said"),
    [
        ("itself", "related", "other", "linked to itself"),
        ("PS-2222-2222", "related", "other", "no ticket with this code"),
        ("nonsense \0", "related", "other", "no ticket with this code"),
        ("linked", "follows", "other", "linked already"),
        ("linked the other way", "related", "other", "linked already"),
        ("another", "enemies", "kind", "Choose how"),
    ],
)
def test_what_cannot_be_linked_is_told_at_its_field(
    desk: Desk, other: str, kind: str, field: str, said: str
) -> None:
    """Itself, an unknown code, one that is linked already in either direction."""
    code = desk.order()
    codes = {"itself": code, "another": desk.order()}
    for name, one, two in (("linked", 0, 1), ("linked the other way", 1, 0)):
        codes[name] = desk.order()
        pair = (code, codes[name])
        link(desk, pair[one], pair[two])
    with pytest.raises(InvalidInputError, match=said) as refused:
        link(desk, code, codes.get(other, other), kind)
    assert set(refused.value.problems) == {field}


def test_what_is_not_linked_cannot_be_taken_apart(desk: Desk) -> None:
    """A colleague was faster, or there never was a link."""
    with pytest.raises(InvalidInputError, match="not linked any more"):
        unlink(desk, desk.order(), desk.order())
    with pytest.raises(NotFoundError):
        link(desk, "PS-2222-2222", desk.order())


class TestRequest:
    """A further wish as a ticket of its own."""

    def test_it_is_open_to_anybody_with_all_that_is_known(self, desk: Desk) -> None:
        """The customer, their server and access; it has no owner; both tickets show each other."""
        code = desk.in_progress(desk.ada)
        with desk.ctx() as ctx:
            tickets.change(ctx.session, tickets.lock(ctx.session, code), customer_user_id="77")
        made = desk.ticket(request(desk, code).code)
        assert (made.state, made.part, made.owner_id, made.service_name) == (
            "open",
            "unassigned",
            None,
            "Customization",
        )
        assert (made.customer_name, made.customer_email, made.customer_user_id) == (
            ORDER.name,
            ORDER.email,
            "77",
        )
        assert (made.host_url, made.host_access) == (ORDER.host_url, ORDER.host_access)
        assert (made.details, made.summary, made.requirements) == ("E-cards, too.", "E-cards, too", [])
        assert linked(desk, made.code) == [("follows", code)]
        assert linked(desk, code) == [("followed-by", made.code)]
        assert desk.happened(made.code)[0] == "requested"
        assert desk.happened(code)[-1] == "request-opened"
        with desk.ctx() as ctx:
            assert made.id in search.newest_hits(ctx.session, ["cards", "jane"], 10)
        assert desk.broken() == {}

    def test_the_customer_gets_its_code(self, desk: Desk) -> None:
        """In an email that names the ticket it came out of, with a private page of its own."""
        desk.hush()
        code = desk.in_progress(desk.ada)
        made = request(desk, code)
        (mail,) = desk.work()
        text = mail.get_body(("plain",))
        assert text is not None
        said = text.get_content()
        assert mail["To"] == ORDER.email
        assert made.code in said
        assert code in said
        assert "/support/t/" in said

    def test_a_form_sent_twice_makes_one(self, desk: Desk) -> None:
        """And the same is returned."""
        code, key = desk.order(), new_key()
        assert request(desk, code, key=key).code == request(desk, code, key=key).code
        with pytest.raises(KeyReusedError):
            request(desk, code, key=key, details="Something else.")
        assert len(linked(desk, code)) == 1

    def test_the_first_contact_asks_what_the_form_would_have(self, desk: Desk) -> None:
        """Its questions, and the requirements: they count as acknowledged when the work is agreed."""
        made = request(desk, desk.order(), service="installation").code
        assert desk.ticket(made).requirements == []
        desk.claim(made, desk.ada)
        with desk.ctx(desk.ada) as ctx:
            draft = correspondence.open_email(ctx, tickets.lock(ctx.session, made)).body
            service = ctx.session.scalars(select(Service).where(Service.slug == "installation")).one()
            texts = [row.text for row in service.requirements]
            labels = [row.label for row in service.questions]
        assert "Please confirm:" in draft
        assert "You've confirmed" not in draft
        assert all(f"- {text}" in draft for text in texts)
        assert all(label in draft for label in labels)
        desk.write(made, desk.ada, draft.replace(texts[1], "…"))
        desk.work()
        assert desk.ticket(made).requirements == []
        desk.receive(made, "Yes to all.")
        desk.transition(made, "start", desk.ada)
        assert desk.ticket(made).requirements == [texts[0], texts[2]]

    def test_an_order_never_asks_again(self, desk: Desk) -> None:
        """Also one of a service that had no requirements when it was ordered."""
        with published(desk) as service:
            kept = list(service.requirements)
            service.requirements.clear()
        code = desk.order(acknowledged=frozenset())
        with published(desk) as service:
            service.requirements.extend(type(row)(position=row.position, text=row.text) for row in kept)
        desk.claim(code, desk.ada)
        assert "confirm:" not in desk.write(code, desk.ada).body

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"service": "nothing"}, "service"),
            ({"details": " "}, "details"),
            ({"details": "password: hunter2"}, "details"),
            ({"details": "x" * 20_001}, "details"),
        ],
    )
    def test_what_cannot_be_kept_is_told_at_its_field(
        self, lite_desk: Desk, changed: dict[str, Any], field: str
    ) -> None:
        """A service that can be ordered, and words without passwords."""
        code = lite_desk.order()
        with pytest.raises(InvalidInputError) as refused:
            request(lite_desk, code, **changed)
        assert set(refused.value.problems) == {field}
        assert linked(lite_desk, code) == []

    def test_only_a_message_of_the_customer_can_be_the_wish(self, desk: Desk) -> None:
        """Not one of ours, and none that does not exist."""
        code = desk.in_progress(desk.ada)
        desk.receive(code, "E-cards?")
        for number in (0, 1, 3, -1, 2**70):
            with pytest.raises(NotFoundError):
                request(desk, code, message=number)
        request(desk, code, message=2)
        assert [data["message"] for data in told(desk, code, "request-opened")] == [2]
