"""Every address with every role: who is let in, who must sign in, who finds nothing, who is refused.

What is expected follows from what a route declares; what it declares has to be in the table here. So a new
page, or one that is opened to others, fails until it is written down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from paidsupport.demo.users import db, ensure
from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.web.guards import Who
from tests.forms import filled
from tests.kernel.web.test_authorisation import OPEN, PRIVATE, PROVEN, address, ours, parts, who_of
from tests.people import Desk, csrf_token, sign_in

__all__ = ["parts"]  # a fixture

pytestmark = pytest.mark.row("P10")

#: Below this, everything is for managers.
SET_UP = "/support/desk/setup/"
#: What all staff may open, by the names of the views. What is for managers in there, their operations say.
STAFF = frozenset(
    [
        "absence_add",
        "absence_remove",
        "annotate",
        "announce_slips",
        "belonging",
        "blocker_note",
        "blocker_solve",
        "bookkeeping",
        "bookkeeping_csv",
        "boilerplate",
        "boilerplate_drop",
        "boilerplate_edit",
        "boilerplate_new",
        "bulk_act",
        "bulk_undo",
        "call",
        "call_earlier",
        "called",
        "canned_reply",
        "change_view",
        "choose_language",
        "claim",
        "commands",
        "consent_new",
        "contact_add",
        "contact_remove",
        "cut_message",
        "decide_there",
        "deliver_again",
        "destroy_secret",
        "developer_payouts",
        "discard_draft",
        "file_issue",
        "file_there",
        "gaps",
        "gaps_csv",
        "guide",
        "guide_edit",
        "guide_edition",
        "guide_history",
        "guide_new",
        "guides",
        "history",
        "inbox",
        "incoming_mail",
        "investigating",
        "invoice",
        "invoice_cancel",
        "invoice_paid",
        "invoice_deed",
        "invoice_issue",
        "invoice_pdf",
        "invoice_xml",
        "invoices",
        "invoices_csv",
        "issue",
        "issue_ask",
        "issue_customer",
        "issue_draft",
        "issue_estimate",
        "issue_feedback",
        "issue_history",
        "issue_inbox",
        "issue_keep",
        "issue_let_stay",
        "issue_move",
        "issue_note",
        "issue_private",
        "issue_releases",
        "issue_stage",
        "issue_step",
        "issue_step_done",
        "issue_submit",
        "issue_task",
        "issue_task_done",
        "issue_timeline",
        "issue_words",
        "issues",
        "item",
        "links",
        "look",
        "merge",
        "move",
        "look_there",
        "my_issues",
        "new_issue",
        "note_there",
        "new_view",
        "news",
        "offer_new",
        "organisation",
        "organisation_away",
        "organisation_edit",
        "organisation_merge",
        "organisation_new",
        "organisations",
        "outbox",
        "overview",
        "overview_csv",
        "payment_missing",
        "payment_note",
        "payment_refund",
        "payment_undo",
        "payout_undo",
        "point",
        "prefer",
        "prioritise",
        "profile",
        "raw_mail",
        "read_all",
        "read_issue",
        "read_ticket",
        "release_file",
        "release_notes",
        "rename",
        "report",
        "request_new",
        "review_issue",
        "review_session",
        "reviews",
        "roster",
        "sale",
        "sales",
        "save_draft",
        "saved_views",
        "search",
        "settle_letter",
        "shift_add",
        "shift_remove",
        "sort_request",
        "tags",
        "take_apart",
        "take_over_checklist",
        "tell_solved",
        "ticket",
        "ticket_file",
        "ticket_here",
        "ticket_invoices",
        "ticket_live",
        "to_tell",
        "token_revoke",
        "tokens",
        "told_by_phone",
        "traits",
        "triage",
        "try_parked",
        "undo_spam",
        "undocumented",
        "unsent_form",
        "use_consent",
        "watch",
        "wish_decide",
        "wish_note",
        "withdraw_decision",
        "worklog",
        "write",
    ]
)
#: What only managers do although they set nothing up.
MANAGERS = frozenset({"bank_transfer", "bank_transfer_aside", "bank_transfer_undo", "bank_transfers"})
#: Pages for staff that operations refuse to developers.
REFUSED_TO_DEVELOPERS = frozenset(
    {
        *("bookkeeping", "bookkeeping_csv", "invoices", "invoices_csv", "issue_inbox"),
        *("overview", "overview_csv", "payment_refund"),
    }
)
#: Pages of something that is not there in this test: who is let in finds nothing.
EMPTY = frozenset(
    {
        *("canned_reply", "customer_file", "customer_report", "customer_report_pdf", "help_page"),
        *(
            "overview_csv",
            "public_issue",
            "release_file",
            "release_notes",
            "ticket_file",
            "unsent_form",
        ),
    }
)
#: Pages whose forms need what the page shows before they look at their token.
FORMS_TOO = frozenset({"payment_refund"})
WATCHED = frozenset({"my_work", "poll", "queue"})
USERS = frozenset({"begin", "join"})
DEMONSTRATION = frozenset({"dev_mail"})

ALLOWED, SIGN_IN, NOTHING, REFUSED, NO_TOKEN = "allowed", "sign in", "404", "403", "401"
#: Those who open pages in a browser.
BROWSERS = ("anonymous", "host user", "developer", "manager", "disabled")
#: Programs, by the scopes of their tokens; one of a person who is disabled.
PROGRAMS = ("no token", "session", "read", "write", "manage", "disabled")


def _pages(anonymous: str, user: str, developer: str) -> Mapping[str, str]:
    """What those who open a page get; who is disabled is a user like others."""
    return dict(zip(BROWSERS, (anonymous, user, developer, ALLOWED, user), strict=True))


#: What a declaration means for each.
MEANS: Mapping[object, Mapping[str, str]] = {
    Who.ANYONE: _pages(ALLOWED, ALLOWED, ALLOWED),
    Who.DEMONSTRATION: _pages(ALLOWED, ALLOWED, ALLOWED),
    # whoever has the link: it is in the address
    Who.CUSTOMER: _pages(ALLOWED, ALLOWED, ALLOWED),
    Who.USER: _pages(SIGN_IN, ALLOWED, ALLOWED),
    Who.STAFF: _pages(SIGN_IN, NOTHING, ALLOWED),
    Who.WATCHER: _pages(SIGN_IN, NOTHING, ALLOWED),
    Who.MANAGER: _pages(SIGN_IN, NOTHING, REFUSED),
}


def declared(rule: Rule) -> object:
    """What the table says about an address; None if it says nothing."""
    name = rule.endpoint.partition(".")[2]
    if rule.rule.startswith(SET_UP):
        return Who.MANAGER
    for who, names in (
        *((Who.STAFF, STAFF), (Who.MANAGER, MANAGERS), (Who.WATCHER, WATCHED), (Who.USER, USERS)),
        (Who.DEMONSTRATION, DEMONSTRATION),
    ):
        if name in names:
            return who
    return {**dict.fromkeys(OPEN, Who.ANYONE), **dict.fromkeys(PRIVATE, Who.CUSTOMER)}.get(rule.endpoint)


def test_every_address_is_in_the_table(lite_app: Flask) -> None:
    """A new route has to be written down above, with who may use it; one that is gone, taken out."""
    wrong = {}
    for rule in ours(lite_app):
        says = who_of(lite_app, rule)
        if says != declared(rule):
            wrong[rule.endpoint] = f"declares {says}, the table says {declared(rule)}"
    assert not wrong
    names = {rule.endpoint.partition(".")[2] for rule in ours(lite_app)}
    assert names >= STAFF | MANAGERS | WATCHED | USERS | DEMONSTRATION
    assert REFUSED_TO_DEVELOPERS <= STAFF


@dataclass(frozen=True)
class Door:
    """One address with one method, as somebody tries it."""

    rule: Rule
    url: str
    method: str


def doors(app: Flask, known: dict[str, object]) -> Iterator[Door]:
    """Every address with every method."""
    for rule in ours(app):
        url = address(app, rule, known)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Door(rule, url, method)


def outcome(browser: FlaskClient, answer: TestResponse) -> str:
    """What an answer comes to."""
    if answer.status_code in {302, 303} and answer.location.startswith("/login"):
        return SIGN_IN
    if answer.status_code == 303 and answer.request.method == "POST" and "/unsent/" not in answer.location:
        # a form that came without a session is led to its page, and from there to the sign-in
        return outcome(browser, browser.get(answer.location))
    answer.close()
    assert answer.status_code < 500, answer.request.path  # an error is no permission
    return {401: NO_TOKEN, 403: REFUSED, 404: NOTHING}.get(answer.status_code, ALLOWED)


def test_who_opens_which_page(lite_app: Flask, lite_desk: Desk, parts: dict[str, object]) -> None:
    """Each page and form with everyone who has a browser. Forms come without their token: nothing is done."""
    with lite_app.app_context():
        ensure("eve@example.org", "Eve", "demo")
        db.session.commit()
    with lite_desk.ctx(lite_desk.mia) as ctx:
        people.remove(ctx, "ben@example.org")
    names = dict(zip(BROWSERS[1:], ("eve", "ada", "mia", "ben"), strict=True))
    browsers = {"anonymous": lite_app.test_client()}
    browsers |= {role: sign_in(lite_app, name) for role, name in names.items()}
    wrong = []
    for door in doors(lite_app, parts):
        if door.rule.endpoint in PROVEN:
            continue  # whoever asks: what was sent has to prove itself
        expected = MEANS[who_of(lite_app, door.rule)]
        name = door.rule.endpoint.partition(".")[2]
        for role, browser in browsers.items():
            got = outcome(browser, browser.open(door.url, method=door.method))
            wanted = expected[role]
            if wanted == ALLOWED and (door.method == "GET" or name in FORMS_TOO):
                wanted = NOTHING if name in EMPTY else wanted
                wanted = REFUSED if name in REFUSED_TO_DEVELOPERS and role == "developer" else wanted
            if got != wanted:
                wrong.append((door.rule.rule, door.method, role, got, wanted))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_link_that_was_made_up_opens_nothing(
    lite_app: Flask,
    parts: dict[str, object],
) -> None:
    """No page of a customer opens without their link, whoever is signed in."""
    made_up = {**parts, "token": f"{parts['token']}x", "invitation": f"{parts['invitation']}x"}
    browsers = [lite_app.test_client(), sign_in(lite_app, "mia")]
    tried = 0
    for door in doors(lite_app, made_up):
        if who_of(lite_app, door.rule) is Who.CUSTOMER:
            tried += 1
            for browser in browsers:
                assert outcome(browser, browser.open(door.url, method=door.method)) == NOTHING, door
    assert tried > len(PRIVATE)


def _forms(
    app: Flask, manager: FlaskClient, parts: dict[str, object]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every form of the set-up as a manager's browser would send it."""
    for door in doors(app, parts):
        if door.method != "GET" or not door.rule.rule.startswith(SET_UP):
            continue
        answer = manager.get(door.url)
        if (
            answer.status_code != 200 or answer.mimetype != "text/html"
        ):  # a button's address leads to its page
            continue
        for form in BeautifulSoup(answer.text, "html.parser").select(".ps-root form[method=post]"):
            url = urljoin(door.url, str(form.get("action") or door.url))
            if url.startswith(SET_UP):  # signing out stands on every page
                yield url, filled(form)


def test_no_form_of_the_set_up_acts_for_others(
    lite_app: Flask, lite_desk: Desk, parts: dict[str, object]
) -> None:
    """Even with a valid token of their own, and with all that stands in the form of a manager."""
    with lite_app.app_context():
        ensure("eve@example.org", "Eve", "demo")
        db.session.commit()
    with lite_desk.ctx(lite_desk.mia) as ctx:
        program = people.new_token(ctx, "mia@example.org", "x", 1, Scope.MANAGE)
    manager = sign_in(lite_app, "mia")
    found = {
        (url, tuple(sorted(map(str, values)))): (url, values)
        for url, values in _forms(lite_app, manager, parts)
    }
    assert len(found) > 60
    private = f"/support/t/{parts['token']}"
    customer, developer, user = lite_app.test_client(), sign_in(lite_app, "ada"), sign_in(lite_app, "eve")
    others = {
        "developer": (developer, csrf_token(developer, "/support/desk/profile"), {}),
        "user": (user, csrf_token(user, "/support/order/installation"), {}),
        "customer": (customer, csrf_token(customer, private), {}),
        "program": (lite_app.test_client(), "", {"Authorization": f"Bearer {program}"}),
    }
    expected = {"developer": REFUSED, "user": NOTHING, "customer": SIGN_IN, "program": SIGN_IN}
    before, wrong = _rows(lite_desk), []
    for url, values in found.values():
        for role, (browser, token, headers) in others.items():
            answer = browser.post(url, data={**values, "csrf_token": token}, headers=headers)
            if (got := outcome(browser, answer)) != expected[role]:
                wrong.append((url, role, got))
    assert not wrong, "\n".join(map(str, wrong))
    assert _rows(lite_desk) == before
    # and they would have done something
    done = [url for url, values in found.values() if manager.post(url, data=values).status_code in {302, 303}]
    assert len(done) > 40
    assert _rows(lite_desk) != before


def _rows(desk: Desk) -> dict[str, int]:
    """How many rows each table of what is set up has, with the lines of its history."""
    with desk.ctx() as ctx:
        return {
            table.name: ctx.session.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
            # sign-ins that ended keep what was typed, and the ledger follows
            if table.name != "paidsupport_unsent" and "_ledger_" not in table.name
        }
