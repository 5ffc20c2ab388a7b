"""Customers hear that their issue is looked into: from their ticket's owner, nothing private (T13)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from paidsupport.issues.operations import access, investigating
from paidsupport.issues.queries.analysis import untold
from paidsupport.issues.queries.followers import followed
from paidsupport.issues.tables import Follower, IssueNotice
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import issue_codes_in, new_key
from paidsupport.kernel.errors import InvalidInputError, NotTheOwnerError, TransitionRefusedError
from paidsupport.ops.erasure import erasure
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.emails.tables import Email
from tests.issues.test_analysis import ask, events, give, plan, tick
from tests.people import Desk


def request(desk: Desk, by: Actor | None = None, **order: str) -> str:
    """A ticket with an owner, who has not written to its customer."""
    code = desk.order(**order)
    if by is not None:
        desk.claim(code, by)
    return code


def planned(desk: Desk, *followed_by: str, **opening: object) -> str:
    """An issue with feedback and a timeline, that these tickets follow."""
    code = desk.open_issue(desk.ada, *followed_by, **opening)
    ask(desk, code, desk.ben)
    give(desk, code, desk.ben)
    plan(desk, code, release="2.1")
    return code


def drafted(desk: Desk, code: str, by: Actor) -> str:
    """The text of the email as it is proposed."""
    with desk.ctx(by) as ctx:
        ticket = tickets.lock(ctx.session, code)
        found = followed(ctx.session, ticket, untold())
        return investigating.draft(ctx, ticket, found).body


def tell(desk: Desk, code: str, by: Actor, body: str = "") -> Email:
    """Send the email, as proposed if no text is given."""
    ticket, body = desk.ticket(code), body or drafted(desk, code, by)
    if ticket.price_minor:
        # these customers have ordered something: a first contact says what it costs
        with desk.ctx(by) as ctx:
            body += "\n\n" + correspondence.open_email(ctx, tickets.lock(ctx.session, code)).body
    with desk.ctx(by) as ctx:
        return investigating.tell(ctx, code, Draft(body, ticket.claim_number, ticket.thread, key=new_key()))


def follower(desk: Desk, code: str) -> Follower:
    """What is known of a ticket as the follower of its one issue."""
    with desk.ctx() as ctx:
        return ctx.session.scalars(select(Follower).where(Follower.ticket_id == desk.ticket(code).id)).one()


@pytest.mark.row("T13")
def test_the_owner_tells_the_customer_with_a_link_and_the_issue_is_confirmed_when_it_left(desk: Desk) -> None:
    """Asked by a notice; the email may be the first; confirmed by the clock once it has left, not before."""
    ticket = request(desk, desk.ada)
    code = planned(desk, ticket)
    with desk.ctx() as ctx:
        asked = select(IssueNotice.person_id).where(IssueNotice.occasion == "investigate")
        assert ctx.session.scalars(asked).all() == [desk.ada.id]
    with pytest.raises(InvalidInputError, match="Add this link for the customer"):
        tell(desk, ticket, desk.ada, "We look into it.")
    with pytest.raises(NotTheOwnerError):
        tell(desk, ticket, desk.ben)
    email = tell(desk, ticket, desk.ada)
    assert (email.kind, email.contact) == ("investigating", "first")
    assert f"/support/issues/{code}" in email.body
    with pytest.raises(TransitionRefusedError, match="nothing to tell"):
        tell(desk, ticket, desk.ada, "Once more.")
    tick(desk)
    assert desk.issue(code).state == "new"
    told = [str(mail.get_body(("plain",))) for mail in desk.work()]
    assert len([text for text in told if "re investigating it" in text and code in text]) == 1
    tick(desk)
    assert desk.issue(code).state == "confirmed"
    known = follower(desk, ticket)
    assert (known.answerer_id, known.investigating_id) == (desk.ada.id, email.message_id)
    assert "investigating-told" in events(desk, code)
    assert desk.broken() == {}


@pytest.mark.row("T13")
def test_a_letter_that_was_taken_back_counts_as_not_told(desk: Desk) -> None:
    """The next owner tells the customer, and is the one who has answered them."""
    ticket = request(desk, desk.ada)
    code = planned(desk, ticket)
    tell(desk, ticket, desk.ada)
    desk.transition(ticket, "hand-over", desk.ada, colleague=desk.ben.id, note="Yours.")
    tick(desk)
    assert desk.issue(code).state == "new"
    assert desk.emails(ticket)[-1].state == "withdrawn"
    tell(desk, ticket, desk.ben)
    desk.work()
    tick(desk)
    assert desk.issue(code).state == "confirmed"
    assert follower(desk, ticket).answerer_id == desk.ben.id


@pytest.mark.row("T13")
def test_no_letter_of_any_kind_names_a_private_issue(desk: Desk) -> None:
    """Refused below the screen, however the code is spelled; the email goes without a link."""
    ticket = request(desk, desk.ada)
    code = planned(desk, ticket, private=True)
    assert code not in drafted(desk, ticket, desk.ada)
    assert "issues/" not in drafted(desk, ticket, desk.ada)
    bare = code.removeprefix("IS-").replace("-", "")
    for named in (
        code,
        code.lower(),
        f"https://x.example/support/issues/{code}",
        f"is {bare[:4]} {bare[4:]}",
    ):
        with pytest.raises(InvalidInputError, match="names something private"):
            tell(desk, ticket, desk.ada, f"We look into it: {named}.")
    tell(desk, ticket, desk.ada)
    for deed in (
        lambda: desk.write(ticket, desk.ada, f"See {code}."),
        lambda: desk.ask(ticket, desk.ada, why=f"Because of {code}"),
        lambda: desk.offer(ticket, desk.ada, why=f"Because of {code}"),
    ):
        with pytest.raises(InvalidInputError, match="names something private"):
            deed()
    with desk.ctx(desk.ada) as ctx:
        locked = tickets.lock(ctx.session, ticket)
        with pytest.raises(InvalidInputError, match="names something private"):
            emails.to_customer(ctx, locked, EmailKind.LINK, f"About {code}", "A link.")
    with desk.ctx(desk.mia) as ctx:
        access.set_private(ctx, code, private=False, key=new_key())
    desk.write(ticket, desk.ada, f"See {code}.")
    assert desk.broken() == {}


@pytest.mark.row("T13")
def test_an_issue_does_not_wait_for_a_customer_who_was_erased(lite_desk: Desk) -> None:
    """Their ticket had ended before, and the waiting with it: the next round confirms it."""
    desk = lite_desk
    ticket = request(desk, desk.ada, email="gone@example.com")
    code = planned(desk, ticket)
    desk.transition(ticket, "reject", desk.ada, reason="spam", note="Not ours.")
    with desk.ctx(desk.mia) as ctx:
        erasure.erase(ctx, "gone@example.com")
    assert follower(desk, ticket).ending == "reject"  # with its end the waiting ended
    tick(desk)
    assert desk.issue(code).state == "confirmed"
    assert desk.broken() == {}


def test_codes_are_found_however_they_are_spelled() -> None:
    """With hyphens of any kind, spaces, in addresses; and nothing that is none."""
    for text in (
        "IS-2345-6789",
        "is 2345 6789",
        "IS23456789",
        "x/issues/is\u20112345\u20136789?a",
        "IS%2D2345%2D6789",
    ):
        assert issue_codes_in(text) == {"IS-2345-6789"}
    assert issue_codes_in("This is what PS-2345-6789 says, IS-2345-678") == set()


@pytest.mark.row("T13")
def test_who_has_no_mail_address_is_told_on_the_phone(desk: Desk) -> None:
    """With what was said; by the owner or by management, never by others, and once."""
    told, other = request(desk, desk.ada), request(desk, desk.ben, email="other@example.com")
    code = planned(desk, told, other)
    for by, body, error in (
        (desk.ben, "Called.", NotTheOwnerError),
        (desk.ada, " ", InvalidInputError),
    ):
        with desk.ctx(by) as ctx, pytest.raises(error):
            investigating.told_by_phone(ctx, told, body, key=new_key())
    key = new_key()
    for _ in range(2):
        with desk.ctx(desk.ada) as ctx:
            investigating.told_by_phone(ctx, told, "They were glad.", key=key)
    assert follower(desk, told).answerer_id == desk.ada.id
    assert desk.issue(code).state == "new"
    with desk.ctx(desk.mia) as ctx:
        investigating.told_by_phone(ctx, other, "Ben is ill.", key=new_key())
    assert desk.issue(code).state == "confirmed"
    assert events(desk, code).count("investigating-told") == 2
    assert desk.broken() == {}
