"""Nothing is open by default: the map is walked, with everybody at every door."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.routing import Rule

from paidsupport.connect.connections import operations as connections
from paidsupport.connect.connections import queries
from paidsupport.connect.connections.tables import Remote
from paidsupport.connect.importing.operations import runs as imports
from paidsupport.demo.users import db, ensure
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration import loading
from paidsupport.kernel.context import Context
from paidsupport.kernel.files import Upload
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.tables import Token
from paidsupport.kernel.web.guards import Who
from paidsupport.manage.staff.operations import invitations
from paidsupport.sales.organisations.tables import Contact
from paidsupport.sales.payments.operations import direct as payments
from paidsupport.sales.payments.tables import Payment
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.tables import File
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.tables import Ticket
from tests.connect.connections.connecting import connected
from tests.intake.mail.incoming import deliver, mail
from tests.intake.mailboxes.test_mailboxes import entered
from tests.kernel.web.test_unsent import BROWSER
from tests.leading import block, contact, lead, organisation, wish
from tests.people import ORDER, VISITOR, Desk, csrf_token, sign_in
from tests.sales.invoices.test_invoices import issued
from tests.sales.payments.bank.statements import stray
from tests.tickets.tone.test_tone_rules import ruled

#: Doors that are meant to be open to everybody. A new page is not, until it is written down here.
OPEN = {
    "paidsupport.services",
    "paidsupport.order",
    "paidsupport.receipt",
    "paidsupport.verify",
    "paidsupport.lost_link",
    "paidsupport.healthz",
    "paidsupport.help_pages",
    "paidsupport.help_page",
    "paidsupport.public_issue",
    "paidsupport.pay_returned",
    "paidsupport.pay_hint",
    "paidsupport.api_reference",
    "paidsupport.api_problems",
    "paidsupport.api_problem",
}
#: Of these, what programs send to, which have no forms: each proves itself in another way.
PROVEN = {"paidsupport.pay_hint"}
PRIVATE = {
    "paidsupport.helped",
    "paidsupport.customer_ticket",
    "paidsupport.customer_language",
    "paidsupport.customer_file",
    "paidsupport.customer_poll",
    "paidsupport.customer_address",
    "paidsupport.withdraw_order",
    "paidsupport.rate",
    "paidsupport.customer_access",
    "paidsupport.trust_key",
    "paidsupport.settle_access",
    "paidsupport.customer_report",
    "paidsupport.customer_report_pdf",
    "paidsupport.decide",
    "paidsupport.payment_said",
    "paidsupport.customer_invoice_pdf",
    "paidsupport.customer_invoice_xml",
    *("paidsupport.pay", "paidsupport.pay_begin", "paidsupport.pay_look", "paidsupport.pay_poll"),
    "paidsupport.pay_transfer",
}
#: Pages whose `reference` names something of the ticket, by what it is.
NAMED = {
    "paidsupport.connection_again": "task",
    **dict.fromkeys(("paidsupport.import_run", "paidsupport.import_columns"), "import"),
    "paidsupport.settle_letter": "email",
    "paidsupport.decide": "decision",
    "paidsupport.withdraw_decision": "decision",
    "paidsupport.look": "secret",
    "paidsupport.destroy_secret": "secret",
    "paidsupport.settle_access": "secret",
    "paidsupport.payment_missing": "payment",
    **dict.fromkeys(("paidsupport.payment_undo", "paidsupport.payment_refund"), "payment"),
    **dict.fromkeys(("paidsupport.pay", "paidsupport.pay_look", "paidsupport.pay_poll"), "begun"),
    **dict.fromkeys(
        (
            *("paidsupport.invoice", "paidsupport.invoice_deed", "paidsupport.invoice_issue"),
            *("paidsupport.invoice_cancel", "paidsupport.invoice_paid"),
            "paidsupport.invoice_pdf",
            *(
                "paidsupport.invoice_xml",
                "paidsupport.customer_invoice_pdf",
                "paidsupport.customer_invoice_xml",
            ),
        ),
        "invoice",
    ),
}
#: Our name of a payment that its customer has begun.
BEGUN = "begun-by-the-customer"
#: Pages of tickets that only managers may see.
FOR_MANAGERS = {"paidsupport.payment_refund"}
#: Where a refusal is a page of its own.
PLAIN = {"paidsupport.save_draft", "paidsupport.discard_draft"}
#: What stands in the address of every page about one issue.
OF_ISSUES = "/issues/<code>"


def ours(app: Flask) -> Iterator[Rule]:
    """The addresses under our prefix, without static files and what answers that nothing is there."""
    for rule in app.url_map.iter_rules():
        nothing = {"paidsupport.static", "paidsupport_api.ask"}
        if rule.endpoint.startswith("paidsupport") and rule.endpoint not in nothing:
            yield rule


def who_of(app: Flask, rule: Rule) -> object:
    """What a route says about who may use it; None if it says nothing."""
    return getattr(app.view_functions[rule.endpoint], "paidsupport_who", None)


@pytest.fixture
def parts(lite_app: Flask, lite_desk: Desk) -> dict[str, object]:
    """Real values for every part of an address, all of one customer's ticket, and a file of another's."""
    code = lite_desk.in_progress(lite_desk.ada)
    decision = lite_desk.ask(code, lite_desk.ada).reference
    lite_desk.work()
    lite_desk.write(code, lite_desk.ada, "Still at it.")
    with lite_desk.ctx(lite_desk.ada) as ctx:
        email = lite_desk.write(code, lite_desk.ada, "And still.").reference
        secret = lite_desk.give(code, "correct Horse")
        lite_desk.receive(code, "The password: hunter2-x")
        foreign = submissions.submit(
            ctx, _order(), [Upload("a.txt", 1, io.BytesIO(b"a"))], client="elsewhere"
        )
        file = ctx.session.query(File).filter_by(ticket_id=foreign.id).one().reference
        payment = payments.note(ctx, code, ctx.today.isoformat(), key=new_key()).reference
        table = Upload("a.csv", 14, io.BytesIO(b"1,2,3\n4,5,6\n"))
        mia = replace(ctx, by=lite_desk.mia)
        moving = imports.check(mia, imports.Typed("csv"), [table], key=new_key()).reference
        ctx.session.add(_begun(ctx, code))
    return {
        "service": "installation",
        "kind": "not-found",
        "receipt": mount_of(lite_app).services.links.receipt(lite_desk.ticket(code)),
        "token": lite_desk.token(code),
        "code": code,
        "ticket": code,
        "transition": "abandon",
        "reference": file,
        "email": email,
        "secret": secret,
        "payment": payment,
        "import": moving,
        "bank_line": stray(lite_desk),
        "begun": BEGUN,
        "invoice": issued(lite_desk, code).reference,
        "deed": "take-back",
        "number": 4,
        "key": new_key(),
        "decision": decision,
        "name": next(iter(lite_desk.items(code))),
        "boilerplate_id": 1,
        "view_id": 1,
        "group": "limits",
        "requirement_id": 1,
        "template": "hourly",
        "line_id": 1,
        "slug": "ending-well",
        "evidence": "where",
        "trait": "root",
        "workflow": "paid",
        "reason": "no-response",
        "way": "paypal",
        "mail": deliver(lite_desk, mail()).mail,
        "mailbox_id": entered(lite_desk),
        "provider": "console",
        **_of_connections(lite_desk),
        "rule_id": ruled(lite_desk),
        **_of_sales(lite_desk),
        **_of_staff(lite_desk),
        "issue": lite_desk.open_issue(lite_desk.ada, code, private=True),
    }


def _begun(ctx: Context, code: str) -> Payment:
    """A payment that its customer has begun with a provider."""
    return Payment(
        ticket_id=tickets.lock(ctx.session, code).id,
        provider="console",
        reference=BEGUN,
        amount_minor=100,
        currency="USD",
        step="open",
        payee="",
        noted_by="",
        noted_at=ctx.now,
    )


def _of_connections(desk: Desk) -> dict[str, object]:
    """A connection, and a request that was given up."""
    there = {"server": "https://127.0.0.1:9"}
    connection = connected(desk, "board", there, {"token": "open sesame"})
    endpoint = connected(desk, "webhook", {"url": "https://hooks.example.org/desk"})
    with desk.ctx() as ctx:
        row = queries.by_reference(ctx.session, connection)
        task = connections.queue(ctx, row, "put")
        task.state, task.attempts, task.ended_at = "failed", 1, ctx.now
        remote = Remote(connection_id=row.id, what="line", ours="1", conflict="Both.", created_at=ctx.now)
        ctx.session.add(remote)
        ctx.session.flush()
        named = {
            "connection": connection,
            "webhook": endpoint,
            "task": task.reference,
            "kind of connection": "board",
            "remote": remote.id,
        }
        return dict(named)


def _of_sales(desk: Desk) -> dict[str, object]:
    """An organisation with a contact, and what stands in the way of a lead."""
    reference = organisation(desk)
    contact(desk, reference)
    code = lead(desk)
    with desk.ctx() as ctx:
        known = ctx.session.query(Contact).one().reference
    return {
        "organisation": reference,
        "contact": known,
        "lead": code,
        "blocker": block(desk, code),
        "wish": wish(desk, code),
    }


def _of_staff(desk: Desk) -> dict[str, object]:
    """A person with a token, and an invitation."""
    with desk.ctx(desk.mia) as ctx:
        people.new_token(ctx, "ada@example.org", "test", days=1)
        token_id = ctx.session.query(Token).one().id
        invited = invitations.invite(ctx, "new@example.org", "developer", key=new_key())
        link = ctx.services.links.invitation(invited.reference, invited.edition)
        file_id = loading.hand_in(ctx, "format = 1").id
        numbers = {
            "file_id": file_id,
            "person_id": desk.ada.id,
            "token_id": token_id,
            "invitation_id": invited.id,
        }
        return {**numbers, "invitation": link}


#: What parts of some addresses are called in `parts`, where their name is taken.
OTHERS = {
    "paidsupport.connection_new": {"kind": "kind of connection"},
    "paidsupport.connection_settle": {"number": "remote"},
}


def address(app: Flask, rule: Rule, parts: dict[str, object]) -> str:
    """The path of a rule with its parts filled in."""
    values = {name: parts[name] for name in rule.arguments}
    if {"slug", "number"} <= rule.arguments or {"service", "number"} <= rule.arguments:
        values["number"] = 1  # of an edition, not of a message
    if rule.endpoint in NAMED:
        values["reference"] = parts[NAMED[rule.endpoint]]
    values |= {name: parts[other] for name, other in OTHERS.get(rule.endpoint, {}).items()}
    if rule.endpoint == "paidsupport.invoice_deed":
        values["deed"] = "paid"
    if OF_ISSUES in rule.rule:
        values |= {"code": parts["issue"]} | ({"transition": "grab"} if "transition" in values else {})
    if "/setup/services/" in rule.rule and "slug" in values:
        values["slug"] = "upgrade"
    if "/questions/" in rule.rule and "name" in values:
        values["name"] = "disk"
    if "evidence" in values:
        values["name"] = "backup"
    if "/sale" in rule.rule:
        values["code"] = parts["lead"]
    with app.test_request_context():
        built = app.url_map.bind("localhost").build(rule.endpoint, values)
    return str(built)


def test_every_route_says_who_may_use_it(lite_app: Flask) -> None:
    """A route without a rule fails here; routes open to everybody are the ones listed, and no others."""
    rules = list(ours(lite_app))
    assert len(rules) > 20
    for rule in rules:
        assert isinstance(who_of(lite_app, rule), Who) or who_of(lite_app, rule) == "token", rule
    assert {rule.endpoint for rule in rules if who_of(lite_app, rule) is Who.ANYONE} == OPEN
    assert {rule.endpoint for rule in rules if who_of(lite_app, rule) is Who.CUSTOMER} == PRIVATE


def test_strangers_are_sent_to_the_log_in_and_others_find_nothing(
    lite_app: Flask, lite_desk: Desk, parts: dict[str, object]
) -> None:
    """Whoever is not signed in must sign in; a user of the site who is not of the desk sees 404."""
    with lite_app.app_context():
        ensure("eve@example.org", "Eve", "demo")
        db.session.commit()
    eve, stranger = sign_in(lite_app, "eve"), lite_app.test_client()
    before = _state(lite_desk)
    for rule in ours(lite_app):
        if who_of(lite_app, rule) not in {Who.STAFF, Who.MANAGER, Who.WATCHER}:
            continue
        url = address(lite_app, rule, parts)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = stranger.open(url, method=method)
            if method == "POST":  # nobody is led back to an address that takes forms alone
                answer = stranger.get(answer.location)
            assert answer.location.startswith("/login"), (method, url)
            assert eve.open(url, method=method).status_code == 404, (method, url)
    assert _state(lite_desk) == before


def test_private_pages_open_nobody_elses_things(
    lite_app: Flask, lite_desk: Desk, parts: dict[str, object]
) -> None:
    """A customer's link leads to their ticket alone: not to another's file, and not with a changed token."""
    client = lite_app.test_client()
    token = str(parts["token"])
    assert client.get(f"/support/t/{token}").status_code == 200
    assert client.get(f"/support/t/{token}/files/{parts['reference']}").status_code == 404
    for forged in (
        # the last character of the signature has bits that mean nothing
        token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],
        token.split(".", maxsplit=1)[0],
        "x",
        token + "x",
    ):
        assert client.get(f"/support/t/{forged}").status_code == 404
    assert (
        sign_in(lite_app, "ada")
        .get(f"/support/desk/tickets/{parts['code']}/files/{parts['reference']}")
        .status_code
        == 404
    )


def test_nothing_is_done_without_a_csrf_token_or_by_get(
    lite_app: Flask, lite_desk: Desk, parts: dict[str, object]
) -> None:
    """Every form sent without its token is refused, whoever sends it; a GET never changes anything.

    Each new route is covered by this: none answers a browser's form with a page instead of a redirect.
    """
    ada, mia, customer = sign_in(lite_app, "ada"), sign_in(lite_app, "mia"), lite_app.test_client()
    before = _state(lite_desk)
    ticket = f"/support/desk/tickets/{parts['code']}"
    forms = 0
    for rule in ours(lite_app):
        who = who_of(lite_app, rule)
        if rule.endpoint in PROVEN:
            continue
        for_managers = who is Who.MANAGER or rule.endpoint in FOR_MANAGERS
        client = mia if for_managers else customer if who in {Who.ANYONE, Who.CUSTOMER} else ada
        url = address(lite_app, rule, parts)
        if "GET" in (rule.methods or set()):
            answer = client.get(url)
            assert answer.status_code < 500, url
            # a session made for whoever comes from elsewhere would take the place of their own
            assert client is not customer or "Set-Cookie" not in answer.headers, url
            answer.close()  # it may be a file
        if "POST" in (rule.methods or set()):
            forms += 1
            sent = {"version": "1", "key": new_key(), "body": "x", "note": "x", "decision": "sent"}
            sent |= {"choice": "approved", "text_hash": "x", "what": "x", "why": "x"}
            assert client.post(url, data=sent).status_code == 422, url
            # a browser is shown the same by GET: Back and reload never send it again
            answer = client.post(url, data=sent, headers=BROWSER)
            assert answer.status_code == 303, url
            # a form of a ticket's page comes back there
            assert urlsplit(answer.location).path in {url, ticket}, url
            page = client.get(answer.location, headers=BROWSER)
            assert page.status_code == 200, url
            assert 'role="alert"' in page.text or rule.endpoint in PLAIN, url
    assert forms >= 10
    assert _state(lite_desk) == before


@pytest.mark.row("G6")
def test_no_form_of_the_desk_does_anything_from_another_one_s_page(
    lite_app: Flask, lite_desk: Desk, parts: dict[str, object]
) -> None:
    """At every address that takes forms of staff: refused with the reason, and without what was typed."""
    browser = sign_in(lite_app, "ben")
    page = BeautifulSoup(browser.get(f"/support/desk/tickets/{parts['code']}").text, "html.parser")
    drawn_for_ben = page.select_one('form[action*="/desk/"] input[name="csrf_token"]')
    browser.post("/logout", data={"csrf_token": csrf_token(browser, "/")})
    who = {"email": "mia@example.org", "password": "demo", "csrf_token": csrf_token(browser, "/login")}
    assert browser.post("/login", data=who).status_code == 303
    before, words = _state(lite_desk), "Debian 12 & Apache"
    sent = {"csrf_token": str(drawn_for_ben["value"]), "version": "1", "body": words, "note": words}  # type: ignore[index]
    forms = [rule for rule in ours(lite_app) if who_of(lite_app, rule) in {Who.STAFF, Who.MANAGER}]
    forms = [rule for rule in forms if "POST" in (rule.methods or set())]
    assert len(forms) >= 40
    for rule in forms:
        url = address(lite_app, rule, parts)
        for more in ({}, {"action": "insert"}, {"action": "look-up"}):
            answer = browser.post(url, data=sent | {"key": new_key()} | more)
            assert answer.status_code == 409, url
            assert "Ben opened this page, but Mia is signed in now." in answer.text, url
            assert "Debian 12 &amp; Apache" not in answer.text, url
    assert _state(lite_desk) == before


def test_without_the_demonstration_nobody_reads_mail(lite_app: Flask) -> None:
    """The page with all mails exists on a demonstration site alone."""
    client = lite_app.test_client()
    assert client.get("/support/dev/mail").status_code == 200
    object.__setattr__(mount_of(lite_app).settings, "dev_mail", False)  # a frozen setting
    assert client.get("/support/dev/mail").status_code == 404
    assert sign_in(lite_app, "mia").get("/support/dev/mail").status_code == 404


def _order() -> submissions.Order:
    return submissions.Order(
        **{name: getattr(ORDER, name) for name in ORDER.__dataclass_fields__ if name != "key"}, key=new_key()
    )


def _state(desk: Desk) -> list[tuple[str, int, int, int]]:
    """What every ticket is at: any change of any of them shows here."""
    with desk.ctx(VISITOR) as ctx:
        return _tickets(ctx)


def _tickets(ctx: Context) -> list[tuple[str, int, int, int]]:
    rows = ctx.session.query(Ticket).order_by(Ticket.id)
    return [(row.code, row.version, row.thread, row.event_count) for row in rows]


def said(html: str, code: str) -> str:
    """A page without a code, and without tokens, in which the second is written."""
    return re.sub(r'value="[\w.-]{40,}"', "", html).replace(code, "")


@pytest.mark.row("T3")
def test_a_private_issue_is_behind_no_door(
    lite_app: Flask, lite_desk: Desk, parts: dict[str, object]
) -> None:
    """At every address about it somebody who may not see it finds nothing, as where nothing is."""
    ben, mia = sign_in(lite_app, "ben"), sign_in(lite_app, "mia")
    doors = [rule for rule in ours(lite_app) if OF_ISSUES in rule.rule]
    assert len(doors) >= 5
    before = lite_desk.issue(str(parts["issue"])).event_hash
    for rule in doors:
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            # where forms alone are taken, GET leads to the page above
            opened = partial(ben.open, method=method, follow_redirects=method == "GET")
            answer = opened(address(lite_app, rule, parts))
            nowhere = opened(address(lite_app, rule, parts | {"issue": "IS-2222-2222"}))
            assert answer.status_code == nowhere.status_code == 404, rule
            assert said(answer.text, str(parts["issue"])) == said(nowhere.text, "IS-2222-2222")
    assert lite_desk.issue(str(parts["issue"])).event_hash == before
    assert mia.get(f"/support/desk/issues/{parts['issue']}").status_code == 200
