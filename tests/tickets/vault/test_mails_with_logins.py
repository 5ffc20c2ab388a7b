"""A password in a customer's mail: only the owner sees it, by a recorded view, and it is cut everywhere."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from paidsupport.kernel.codes import new_key
from paidsupport.privacy.redaction import MASK, MOVED
from paidsupport.tickets.conversation.tables import Message
from paidsupport.tickets.received.tables import RawMail
from paidsupport.tickets.vault.operations import credentials as vault
from paidsupport.tickets.vault.tables import Look
from tests.intake.mail.incoming import answer, contacted, deliver, mail
from tests.people import Desk, press, sign_in
from tests.tickets.test_pages import DESK, at, words
from tests.tickets.vault.test_gate_pages import stored

pytestmark = [pytest.mark.row("G15"), pytest.mark.row("N2")]

SECRET = "tr0ub4dor&3-gallery"
#: A later mail quotes it where nothing says what it is.
COPY = f"Did it work?\n\nOn Monday Jane wrote:\n> As I said:\n> {SECRET}\n"


def _mailed(desk: Desk) -> tuple[str, list[RawMail]]:
    """A ticket of Ada's to which the customer mailed a password, and then a copy of it."""
    code, email = contacted(desk)
    deliver(desk, answer(email, f"Here it is.\nPassword: {SECRET}\n", Subject=f"password: {SECRET}"))
    deliver(desk, answer(email, COPY))
    with desk.ctx() as ctx:
        return code, list(ctx.session.scalars(select(RawMail).order_by(RawMail.id)))


def _form(page: str) -> str | None:
    form = BeautifulSoup(page, "html.parser").select_one("#raw form")
    return str(form["action"]) if form else None


def _save(client: FlaskClient, desk: Desk, mail: RawMail, code: str, **more: str) -> TestResponse:
    page = f"{DESK}/inbox/{mail.reference}"
    sent = {"reason": "To log in.", "claim": str(desk.ticket(code).claim_number)} | more
    # any form of theirs proves who sends it: those who may not look have none on the page
    sender = page if _form(client.get(page).text) else f"{DESK}/profile"
    answered: TestResponse = press(client, sender, f"{page}/raw", **sent)
    return answered


def test_nobody_reads_it_on_any_page(desk: Desk) -> None:
    """Pages, the raw mail, search, the API and notices say a mask; the database has it in one place."""
    code, mails = _mailed(desk)
    desk.work()
    token_free = [at(code), at(code, "/history"), f"{DESK}/inbox?state=filed"]
    for name in ("ada", "ben", "mia"):
        client = sign_in(desk.app, name)
        for each in mails:
            page = client.get(f"{DESK}/inbox/{each.reference}").text
            assert SECRET not in page
            assert MASK in page
            assert client.get(f"{DESK}/inbox/{each.reference}/raw").status_code == 409
        for url in token_free:
            assert SECRET not in client.get(url).text
        assert code not in client.get(f"{DESK}?q=tr0ub4dor").text
    assert not any(SECRET in str(each) for each in desk.transport.sent)
    assert set(stored(desk, SECRET)) == {"paidsupport_message.body"}


def test_the_owner_reads_it_by_a_look_that_the_customer_sees(lite_desk: Desk) -> None:
    """For a reason, once for each, and no one else: neither a colleague nor a manager."""
    desk = lite_desk
    code, mails = _mailed(desk)
    for name in ("ben", "mia"):
        client = sign_in(desk.app, name)
        assert _form(client.get(f"{DESK}/inbox/{mails[0].reference}").text) is None
        refused = _save(client, desk, mails[0], code)
        assert refused.status_code == 409
        assert SECRET not in refused.text
    ada = sign_in(desk.app, "ada")
    assert _form(ada.get(f"{DESK}/inbox/{mails[0].reference}").text)
    assert _save(ada, desk, mails[0], code, reason="").status_code == 422
    assert _save(ada, desk, mails[0], code, reason=SECRET).status_code == 422
    with desk.ctx() as ctx:
        assert ctx.session.scalars(select(Look)).all() == []
    saved = _save(ada, desk, mails[0], code)
    assert saved.status_code == 200
    assert SECRET in saved.text
    saved.close()
    shown = words(desk.app.test_client().get(f"/support/t/{desk.token(code)}/access").text)
    assert "Views of your emails" in shown
    assert "Ada viewed it on" in shown
    assert "To log in." in shown
    assert desk.happened(code).count("secret-looked") == 1
    assert desk.broken() == {}


def test_moving_it_takes_it_out_of_every_mail(desk: Desk) -> None:
    """Quoted copies and the mails as they arrived, too; the vault has it."""
    code, mails = _mailed(desk)
    with desk.ctx(desk.ada) as ctx:
        number = ctx.session.scalars(select(Message.number).where(Message.direction == "in")).first()
        vault.cut(ctx, code, number or 0, key=new_key())
    assert stored(desk, SECRET) == []
    with desk.ctx() as ctx:
        for each in ctx.session.scalars(select(RawMail)):
            assert each.dropped_at is not None  # and the doctor finds no bytes below
        first = ctx.session.scalars(select(Message).where(Message.direction == "in")).first()
    assert first
    assert MOVED in first.body
    given = desk.given(code)[-1].secret
    assert desk.look(code, given.reference, desk.ada) == SECRET
    ada = sign_in(desk.app, "ada")
    assert "no longer stored" in ada.get(f"{DESK}/inbox/{mails[1].reference}").text
    assert desk.broken() == {}


def test_what_the_customer_puts_into_the_vault_leaves_their_mails(lite_desk: Desk) -> None:
    """They need not be asked twice: what was written before is cut, and what quotes it later is masked."""
    desk = lite_desk
    code, email = contacted(desk)
    deliver(desk, answer(email, f"It is {SECRET} by the way.\n"))
    desk.give(code, SECRET)
    assert stored(desk, SECRET) == []
    deliver(desk, answer(email, f"I wrote {SECRET}, did I not?\n"))
    ada = sign_in(desk.app, "ada")
    page = words(ada.get(at(code)).text)
    assert f"It is {MOVED} by the way." in page
    assert f"I wrote {MASK}, did I not?" in page


def test_a_subject_with_it_is_no_name_of_a_request(lite_desk: Desk) -> None:
    """A mail that becomes a request gives it its subject, masked."""
    code = deliver(lite_desk, mail(f"password: {SECRET}", Subject=f"password: {SECRET}")).ticket
    assert code
    assert lite_desk.ticket(code).summary == f"password: {MASK}"
    assert set(stored(lite_desk, SECRET)) == {"paidsupport_message.body"}
