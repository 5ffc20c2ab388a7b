"""The support process from one end to the other, sentence by sentence (rows T2-T20, N5, N6, P11).

A bank reports a fault on the phone and learns at the end that it is gone; a merchant wishes for something
in a mail to sales and pays for it. Everything goes through the operations, the workers and the mails of a
desk.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from paidsupport.intake.gaps.operations import documented
from paidsupport.issues.operations import drafting, estimates, releases, resolution, reviewing
from paidsupport.issues.operations.estimates import Said
from paidsupport.issues.rules.kinds import headed
from paidsupport.issues.tables import Issue, IssueTag
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError
from paidsupport.ops.overview import operations as overview
from paidsupport.sales.invoices.tables import Invoice
from paidsupport.sales.leads.operations.wishes import Decided
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations.correspondence import Draft
from tests.calling import call, take_calls
from tests.intake.filing.test_filing import file, texts
from tests.intake.mail.incoming import deliver, mail
from tests.issues.test_analysis import ask, give, plan, tick
from tests.issues.test_investigating import tell as tell_we_look
from tests.issues.test_resolution import tell as tell_it_is_solved
from tests.leading import contact, decide, issues_of, lead, organisation, wish
from tests.people import Desk, sign_in
from tests.sales.invoices.test_invoices import deed, filled, issue, serials

#: What must be in no table of issues: who called, from where, and for whom.
CALLER = ("Jane Doe", "jane@bank.example", "4417799", "Example Bank")


def draft(desk: Desk, code: str, body: str) -> None:
    """Ben drafts the answer to the customer."""
    with desk.ctx(desk.ben) as ctx:
        drafting.draft(ctx, code, body, key=new_key())


def review(desk: Desk, code: str, decision: str, what: str, by: str = "mia") -> Issue:
    """Somebody has tried it."""
    person = getattr(desk, by)
    version = desk.issue(code).version
    with desk.ctx(person) as ctx:
        return reviewing.decide(ctx, code, decision, what, version=version, key=new_key())


def reach(desk: Desk, code: str, stage: str, version: str = "2.1") -> None:
    """The solution has come so far."""
    with desk.ctx(desk.ben) as ctx:
        resolution.reach(ctx, code, stage, version, key=new_key())


def confirmed(desk: Desk) -> tuple[str, str]:
    """A bank has called; returns the request, and its issue once it is confirmed."""
    take_calls(desk)
    # whoever takes a call notes who it is, what kind of customer, how to reach them, what is wrong, and when
    request = call(
        desk,
        name="Jane Doe",
        caller="bank",
        organisation="Example Bank",
        email="jane@bank.example",
        phone="+49 30 4417799",
        subject="Receipts of Example Bank stay dark",
        notes="Jane Doe says that every receipt is black since Monday. Call +49 30 4417799.",
    ).code
    # what is filed has nothing that identifies the customer; it is new, nobody's, and tagged “Customer”
    code = file(desk, request, desk.ada, note="Jane Doe of Example Bank uses account 77.").code
    filed = desk.issue(code)
    assert (filed.state, filed.owner_id) == ("new", None)
    with desk.ctx() as ctx:
        assert ctx.session.scalars(select(IssueTag.name)).all() == ["Customer"]
    assert desk.ticket(request).state == "following"
    # management looks over what is new, says how urgent it is, and who looks into it
    ask(desk, code, desk.ben, priority=1)
    # the answer is realistic and rather too long: of a range the longer end counts
    answered = give(desk, code, desk.ben, estimate="3-4h", path="Read the header before the body.")
    assert (answered.state, answered.estimate_minutes) == ("new", 240)
    # the customer hears that it is looked into, with a link, and it is confirmed
    day = (desk.clock() + timedelta(days=30)).date()
    plan(desk, code, deadline=day.isoformat(), release="2.1")
    assert desk.issue(code).state == "new"
    assert f"/issues/{code}" in tell_we_look(desk, request, desk.ada).body
    desk.work()
    tick(desk)
    assert desk.issue(code).state == "confirmed"
    assert headed("", None, desk.issue(code).deadline) == f"[{day.isoformat()}]"
    return request, code


@pytest.mark.row("T3", "T4", "T10", "T12", "T13", "T14", "T15", "T16", "T17", "T18", "T20", "N5", "N6")
def test_a_banks_report_from_the_phone_call_to_the_closed_release(desk: Desk) -> None:
    """Noted on the phone, filed without names, analysed, solved, reviewed, told, closed by release."""
    request, code = confirmed(desk)
    # whoever begins to work on it says so
    desk.issue_move(code, "start", desk.ben)
    # the subject begins with the time that is left and the deadline
    with desk.ctx(desk.ben) as ctx:
        estimates.say(ctx, code, Said("2h", None, ""), key=new_key())
    row = desk.issue(code)
    assert headed(row.summary, row.minutes_left, row.deadline).startswith(
        f"[2h, {row.deadline.isoformat()}] "
    )
    # the answer to the customer is a draft first: no “I”, no blame
    with pytest.raises(TransitionRefusedError, match="Draft the answer"):
        desk.issue_move(code, "submit", desk.ben)
    draft(desk, code, "I fixed it. You should have sent smaller receipts.")
    with pytest.raises(TransitionRefusedError, match="marked sentences"):
        desk.issue_move(code, "submit", desk.ben)
    draft(desk, code, "We fixed it: dark receipts were our mistake. Thank you for telling us.")
    desk.issue_move(code, "submit", desk.ben, colleague=desk.mia.id, note="Upload a receipt.")
    # somebody else tries it; what is not solved wholly goes back to work
    with pytest.raises(TransitionRefusedError, match="a colleague has to review it"):
        review(desk, code, "approve", "Works.", by="ben")
    review(desk, code, "rework", "Receipts from phones are still dark.")
    assert (desk.issue(code).state, desk.issue(code).owner_id) == ("assigned", desk.ben.id)
    desk.issue_move(code, "submit", desk.ben, colleague=desk.mia.id)
    # what is solved goes to whoever answered the customer first
    review(desk, code, "approve", "Uploaded three receipts, two from phones.")
    assert (desk.issue(code).state, desk.issue(code).owner_id) == ("assigned", desk.ada.id)
    # this customer is told once it is on the test system, and not before
    reach(desk, code, "git")
    with pytest.raises(TransitionRefusedError, match="waiting until it's on the test system"):
        tell_it_is_solved(desk, request, code, desk.ada)
    with pytest.raises(TransitionRefusedError):
        desk.issue_move(code, "resolve", desk.ada)
    reach(desk, code, "staging")
    tell_it_is_solved(desk, request, code, desk.ada)
    mails = desk.work()
    told = [each for each in mails if "dark receipts were our mistake" in str(each.get_body(("plain",)))]
    assert [each["To"] for each in told] == ["jane@bank.example"]
    # then it is resolved, and management closes it with the release
    assert (desk.issue(code).state, desk.ticket(request).state) == ("resolved", "resolved")
    with desk.ctx(desk.mia) as ctx:
        assert releases.close_all(ctx, "2.1", [code], key=new_key()) == [code]
        notes = releases.markdown(ctx, "2.1")
    assert (desk.issue(code).state, desk.issue(code).release) == ("closed", "2.1")
    assert code in notes
    # and from the first to the last, nothing personal came into any table of issues
    assert [(where, text) for where, text in texts(desk) if any(word in text for word in CALLER)] == []
    assert not [word for word in CALLER if word in notes]
    assert desk.broken() == {}


@pytest.mark.row("T8", "T9", "T18", "T19", "P11")
def test_a_merchants_wish_from_the_mail_to_sales_to_the_invoice(app: Flask, desk: Desk) -> None:
    """Decided by management, accepted on the customer's page, built, told, invoiced with a number."""
    # there is a record for the merchant, and what they write is added to it
    record = organisation(
        desk,
        "Example Shop",
        kind="merchant",
        billing_name="Example Shop Ltd.",
        billing_address="2 Side Street\n1010 Vienna",
        billing_email="bills@shop.example",
    )
    contact(desk, record, email="jane@shop.example")
    code = lead(desk)
    # management decides whether it is offered, given, or refused
    reference = wish(desk, code)
    with pytest.raises(TransitionRefusedError, match="decided about a feature request yet"):
        desk.offer(code, desk.ada)
    decide(
        desk, code, reference, Decided("offer", "Two days.", "Photos of receipts", "An order carries one.")
    )
    offer = desk.offer(code, desk.ada, price="500")
    desk.work()
    # accepting the offer opens the issue
    desk.answer(code, offer, "approved", word="Go ahead.")
    (feature,) = issues_of(desk, code)
    assert (feature.state, feature.owner_id, feature.kind) == ("new", None, "feature")
    issue_code = feature.code
    ask(desk, issue_code, desk.ben)
    give(desk, issue_code, desk.ben, estimate="2d", path="A table, a form.")
    plan(desk, issue_code, release="2.2")
    tell_we_look(desk, code, desk.ada)
    desk.work()
    tick(desk)
    assert desk.issue(issue_code).state == "confirmed"
    desk.issue_move(issue_code, "start", desk.ben)
    draft(desk, issue_code, "We added photos of receipts to orders.")
    desk.issue_move(issue_code, "submit", desk.ben)
    review(desk, issue_code, "approve", "Added a photo, it shows.")
    reach(desk, issue_code, "production", "2.2")
    # the word goes out where the conversation is, and the invoice is begun
    tell_it_is_solved(desk, code, issue_code, desk.ada)
    desk.work()
    desk.work()
    assert desk.issue(issue_code).state == "resolved"
    with desk.ctx(desk.mia) as ctx:
        invoice = ctx.session.scalars(select(Invoice)).one()
    assert (invoice.state, invoice.total_minor, invoice.buyer_name) == ("draft", 50_000, "Example Shop Ltd.")
    assert (invoice.buyer_street, invoice.buyer_postcode, invoice.buyer_city) == (
        "2 Side Street",
        "1010",
        "Vienna",
    )
    number = issue(desk, filled(desk, invoice, lines=[("Photos of receipts", "19")]))
    deed(desk, "paid", number)
    assert len(serials(desk)) == 1
    desk.transition(code, "win", desk.ada, reason="paid", note="They have it.")
    page = sign_in(app, "ada").get(f"/support/desk/organisations/{record}").text
    for said in ("Photos of receipts", "Go ahead.", code, "Paid", serials(desk)[0]):
        assert said in page
    with desk.ctx(desk.mia) as ctx:
        figures = {figure.name: figure for figure in overview.count(ctx).figures}
    assert figures["estimates"].rows[0][0] == issue_code
    assert sum(row[1] for row in figures["revenue"].rows) == 500
    assert [text for _, text in texts(desk) if "Jane" in text or "shop.example" in text] == []
    assert desk.broken() == {}


@pytest.mark.row("T2", "T5", "N8")
def test_what_the_documentation_does_not_answer_becomes_an_issue_that_no_customer_is_pointed_to(
    desk: Desk,
) -> None:
    """Whom a page did not help counts; twice is enough, and nobody of them hears of the issue."""
    codes = []
    for name in ("jane", "john"):
        code = deliver(desk, mail("How do I turn photos?", From=f"{name}@example.com")).ticket or ""
        with desk.ctx(desk.ada) as ctx:
            ticket = tickets.lock(ctx.session, code)
            page = documented.chosen(ctx, "", "https://example.com/turning")
            email = documented.draft(ctx, ticket, page)
            sent = Draft(email.body, 0, ticket.thread, new_key())
            documented.point(ctx, code, page, sent, version=ticket.version)
        desk.work()
        desk.transition(code, "not-helped", desk.ada)
        codes.append(code)
    desk.work()
    with desk.ctx(desk.mia) as ctx:
        gap = ctx.session.scalars(select(Issue)).one()
    assert (gap.kind, gap.state, gap.owner_id) == ("documentation", "new", None)
    for code in codes:
        assert not any(gap.code in email.body for email in desk.emails(code))
    assert not [text for _, text in texts(desk) if "jane@" in text or "john@" in text]
    with desk.ctx(desk.ada) as ctx, pytest.raises(InvalidInputError):
        documented.chosen(ctx, "", "not an address")
    assert desk.broken() == {}
