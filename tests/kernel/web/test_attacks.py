"""What somebody once got through with, one test each: none of it may work again."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from paidsupport.kernel import limits
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.text import BadTextError, many_lines, one_line
from paidsupport.kernel.web.filters import breakable, linked, named
from paidsupport.kernel.words import words
from paidsupport.kernel.worker import Worker
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.emails.build import build
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.tables import Ticket
from tests.people import ORDER, VISITOR, Desk, csrf_token, field, sign_in

#: Far more than any of these takes, far less than the attacks took.
QUICK = 1.0
TOWER = "a" + "\u0300\u0316" * 200_000


@pytest.mark.parametrize("tidy", [one_line, many_lines])
def test_towers_of_accents_are_refused_at_once(tidy: object) -> None:
    """Putting combining marks in order is quadratic: it happens to no text that is too long or too high."""
    began = time.process_time()
    for text in (TOWER, TOWER[:15_000]):
        with pytest.raises(BadTextError):
            tidy(text)  # type: ignore[operator]
    assert words(TOWER) == ["a"]
    assert time.process_time() - began < QUICK


def test_long_tails_of_dots_cost_nothing_to_show() -> None:
    """Such a text is escaped and gets no links; every other one gets them."""
    began = time.process_time()
    for tail in (".", ")", ">", ",", ".)"):
        assert "<a" not in linked("https://example.com/" + tail * 20_000 + "x.")
    assert time.process_time() - began < QUICK
    assert 'href="https://example.com/a"' in linked("<b> https://example.com/a.")
    assert 'href="https://example.com/a"' in linked("https://example.com/a: done")
    assert "<b>" not in linked("<b> https://example.com/a.")
    assert breakable(linked("https://photos.example.com/a")) == (
        '<a href="https://photos.example.com/a" rel="nofollow noopener noreferrer">'
        "https://<wbr>photos.<wbr>example.<wbr>com/<wbr>a</a>"
    )


def test_a_link_to_the_private_page_stands_under_its_word() -> None:
    """Only one to that page, and only if nothing else is in the line; the word stays escaped."""
    page = "https://example.com/t/a.b"
    other = "Other: https://example.com/t/aXb?x=1"
    text = f"Très <b> : {page}?rating=great#r\n{other}\n{page}?x=1\nSee: {page}?x=1 now"
    first, other, bare, more = named(linked(text), page).split("\n")
    assert first == (f'<a href="{page}?rating=great#r" rel="nofollow noopener noreferrer">Très &lt;b&gt;</a>')
    assert other.startswith("Other: <a ")
    assert bare.endswith(f">{page}?x=1</a>")
    assert more.startswith("See: <a ")
    assert named(linked(text), "") == linked(text)


@pytest.mark.parametrize(
    "address", ["=?utf-8?q?a=0d=0aBcc=3ax=40example=2ecom?=@example.com", "=?utf-8?q?a?=@example.com"]
)
def test_an_address_with_encoded_words_is_neither_ordered_from_nor_written_to(
    lite_desk: Desk, address: str
) -> None:
    """The mail library would decode it into headers of the sender's choice."""
    with lite_desk.ctx() as ctx, pytest.raises(InvalidInputError):
        submissions.submit(ctx, replace(ORDER, email=address, key=new_key()), client="x")
    code = lite_desk.order()
    with lite_desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        email = ctx.session.query(Email).filter_by(ticket_id=ticket.id).first()
        assert email is not None
        email.to_address = address
        with pytest.raises(ValueError, match="encoded words"):
            build(ctx.services, email, ticket, [])


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/x", "https://x"]
)
def test_signing_in_leads_to_no_other_site(lite_app: Flask, wanted: str) -> None:
    """Only plain paths of this site are followed, and none of it is an error."""
    client = lite_app.test_client()
    data = {"email": "ada@example.org", "password": "demo", "csrf_token": csrf_token(client, "/login")}
    answer = client.post("/login", query_string={"next": wanted}, data=data)
    assert answer.status_code == 303
    assert answer.location == "/support/desk/"


@pytest.mark.parametrize(
    "address",
    [
        "?older=" + "9" * 5000,
        "?after=0001-01-01T00:00:00%2B23:59~1",
        "?after=9999-12-31T23:59:59-23:59~1",
        "?sort=price&after=3000000000~1",
        "?sort=price&after=99999999999999999999~1",
        "?service=%00",
        "?owner=%D9%A3",
        "?q=" + "%CC%80" * 5000,
    ],
)
def test_no_address_of_the_queue_breaks_it(app: Flask, address: str) -> None:
    """Numbers and moments that no column holds, NUL, digits of other scripts, towers: found or not found."""
    ada = sign_in(app, "ada")
    assert ada.get(f"/support/desk/{address}").status_code in {200, 404}
    assert ada.get(f"/support/desk/poll{address}").status_code in {200, 404}


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("bulk", {"do": "hand-over", "hand-over": "9" * 40}, 303),
        ("bulk", {"do": "tag", "tag": "x", "back": "?endpoint=x&_scheme=y&_external=1"}, 303),
        ("bulk", {"do": "tag", "tag": "x", "back": "https://evil.example/?\r\nX: y"}, 303),
        ("views/new", {"name": "x", "query": "part=open\r\nX: y"}, 404),
        ("profile/notices", {"digest_hour": "1" * 5000}, 422),
        ("drafts?of=//[x", {"body": "two words"}, 422),
    ],
)
def test_no_form_of_staff_breaks_the_desk(
    lite_app: Flask, lite_desk: Desk, path: str, sent: dict[str, str], status: int
) -> None:
    """Numbers that no column holds, names that our functions know: refused, or left out."""
    code = lite_desk.claim(lite_desk.order(), lite_desk.ada).code
    ada = sign_in(lite_app, "ada")
    chosen = {"t": f"{code}.{lite_desk.ticket(code).version}"}
    token = field(ada.get("/support/desk/profile").text, "csrf_token")
    answer = ada.post(f"/support/desk/{path}", data={"csrf_token": token, "key": new_key(), **chosen, **sent})
    assert answer.status_code == status
    assert (answer.location or "/support/desk/?").startswith("/support/desk/?")
    assert lite_desk.ticket(code).owner_id == lite_desk.ada.id


def test_no_request_of_a_program_breaks_the_api(app: Flask, desk: Desk) -> None:
    """Odd tags, endless digits, nesting without end, NUL in the address."""
    code = desk.order()
    with desk.ctx() as ctx:
        token = people.new_token(ctx, "ada@example.org", "test", days=1, scope="write")
    client = app.test_client()
    known = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    base = "/support/api/v1/tickets"
    for tag in ('""', '"' + "9" * 5000 + '"', "*", "x"):
        answer = client.post(f"{base}/{code}/claim", headers=known | {"If-Match": tag})
        assert answer.status_code in {400, 428}, tag
    for body in (b"[" * 100_000, b'{"a":' * 40_000, b"\xff", b'"x"'):
        answer = client.post(
            f"{base}/{code}/annotations", data=body, headers=known, content_type="application/json"
        )
        assert answer.status_code == 422, body[:5]
    assert client.get(f"{base}/%00", headers=known).status_code == 404
    assert client.get(f"{base}?q=%00", headers=known).status_code == 422
    assert desk.ticket(code).event_count == 1


@pytest.mark.row("G6")
def test_a_letter_that_is_still_tried_is_not_shown_to_the_customer(desk: Desk) -> None:
    """Else they would read it, it could be withdrawn, and somebody else would contact them first again."""
    code = desk.order()
    desk.claim(code, desk.ada)
    email = desk.write(code, desk.ada)
    client = desk.app.test_client()
    for state in ("queued", "sending", "failed", "withdrawn"):
        with desk.ctx() as ctx:
            _set_state(ctx, email.id, state)
        assert "and I&#39;ve taken your order" not in client.get(f"/support/t/{desk.token(code)}").text, state
    for state in ("sent", "uncertain"):
        with desk.ctx() as ctx:
            _set_state(ctx, email.id, state)
        assert "and I&#39;ve taken your order" in client.get(f"/support/t/{desk.token(code)}").text, state


@pytest.mark.row("G11")
def test_an_impatient_customer_does_not_keep_an_absent_owner_in_place(desk: Desk) -> None:
    """Messages to somebody who is waited for already gain them no time."""
    code = desk.order()
    desk.claim(code, desk.ada)
    for _ in range(5):
        desk.clock.forward(hours=20)
        desk.receive(code, f"Hello? {desk.clock.now}")
        desk.work()
    assert desk.ticket(code).state == "open"


@pytest.mark.row("G8")
def test_a_message_from_before_the_contact_is_no_agreement(desk: Desk) -> None:
    """Only a reply to the email that left says that the work is agreed."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.clock.forward(minutes=1)
    desk.receive(code, "Is anybody there?")
    desk.clock.forward(minutes=1)
    desk.work()
    client = sign_in(desk.app, "ada")
    page = f"/support/desk/tickets/{code}/moves/start"
    html = client.get(page).text
    sent = {name: field(html, name) for name in ("csrf_token", "key", "version")}
    assert client.post(page, data=sent).status_code == 409
    assert desk.ticket(code).state == "pending"


def test_prices_and_requirements_are_those_that_were_seen(lite_app: Flask, lite_desk: Desk) -> None:
    """A form that is open keeps its terms for a day after others were published; then they are read again.

    Nobody gets an older price by naming its version, or that of another service.
    """
    client = lite_app.test_client()
    page = "/support/order/customization"

    def opened() -> dict[str, str]:
        html = client.get(page).text
        return {name: field(html, name) for name in ("csrf_token", "key", "terms")} | {
            "place": "1",
            "requirement_0": "y",
            "requirement_1": "y",
            "requirement_2": "y",
            "answer_wish": "A clock.",
            "name": "Jane Doe",
            "email": "jane@example.com",
            "host_url": "gallery.example.com",
        }

    in_time, late = opened(), opened()
    runner = lite_app.test_cli_runner()
    before = runner.invoke(args=["paidsupport", "catalogue", "dump"]).output
    dearer = before.replace('price = "90.00"', 'price = "900.00"')
    assert dearer != before
    loaded = runner.invoke(args=["paidsupport", "catalogue", "load", "-"], input=dearer)
    assert loaded.exit_code == 0, loaded.output
    assert client.post(page, data=in_time).status_code == 303
    assert newest(lite_desk).price_minor == 9000
    lite_desk.clock.forward(days=1, minutes=1)
    for terms in (late["terms"], "1", "0", "-1", "9" * 15, "9" * 40, "", "x"):
        refused = client.post(page, data=late | {"terms": terms})
        assert refused.status_code == 422, terms
        assert "have changed since you opened this form" in refused.text
        assert "checked" not in refused.text
    again = late | {"terms": field(refused.text, "terms"), "key": field(refused.text, "key")}
    assert client.post(page, data=again).status_code == 303
    assert newest(lite_desk).price_minor == 90000


def newest(desk: Desk) -> Ticket:
    """The ticket that was ordered last."""
    with desk.ctx() as ctx:
        return ctx.session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()


def test_a_worker_outlives_whatever_goes_wrong(
    lite_app: Flask, lite_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception nobody thought of is logged, and the emails after it leave all the same."""
    lite_desk.order()
    mount = mount_of(lite_app)
    with lite_app.app_context():
        worker = Worker(mount.services, mount.database, mount.transport, mount.clock)
    rounds = []

    def broken() -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise RuntimeError("the disk is on fire")
        worker._stop.set()

    monkeypatch.setattr(worker, "round", broken)
    for pause in ("PAUSE", "ROUND"):
        monkeypatch.setattr(f"paidsupport.kernel.worker.{pause}", 0.01)
    worker.run()
    assert len(rounds) == 2


def test_invisible_names_are_no_names(lite_desk: Desk) -> None:
    """A name of spaces without width is asked for again."""
    with lite_desk.ctx(VISITOR) as ctx, pytest.raises(InvalidInputError) as refused:
        submissions.submit(ctx, replace(ORDER, name="\u200b\u2060", key=new_key()), client="x")
    assert set(refused.value.problems) == {"name"}


def test_a_network_counts_as_one_client(lite_desk: Desk) -> None:
    """All addresses that one IPv6 connection has are counted together."""
    hidden = limits._household
    assert hidden("2001:db8::1") == hidden("2001:db8::ffff:1") != hidden("2001:db8:0:1::1")
    assert hidden("192.0.2.1") != hidden("192.0.2.2")


def _set_state(ctx: Context, letter_id: int, state: str) -> None:
    email = ctx.session.get(Email, letter_id)
    assert email is not None
    email.state = state
