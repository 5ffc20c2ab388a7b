"""Invitations: a link that works once, for who is signed in at the host (P10)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from paidsupport.demo.users import db, ensure
from paidsupport.kernel.staff.tables import Person
from paidsupport.manage.staff.tables import Invitation
from tests.manage.staff.test_people import STAFF, press, send, text_of, told
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P10")


def invite(desk: Desk, mia: FlaskClient, email: str = "cem@example.org", role: str = "developer") -> str:
    """Invite an address in the browser; returns the path of the link that arrives there."""
    assert send(mia, f"{STAFF}/invite", email=email, role=role).status_code == 303
    return arrived(desk, email)


def arrived(desk: Desk, email: str) -> str:
    """The path of the link in the only mail to an address that leaves now."""
    (mail,) = (each for each in desk.work() if each["To"] == email)
    body = mail.get_body(("plain",))
    assert body
    (link,) = re.findall(r"http\S+/desk/join/\S+", body.get_content())
    return str(urlsplit(link).path)


def user(app: Flask, name: str) -> FlaskClient:
    """A user of the host who does not work at the desk, signed in."""
    with app.app_context():
        ensure(f"{name.lower()}@example.org", name, "demo")
        db.session.commit()
    return sign_in(app, name.lower())


def test_an_invited_user_of_the_host_joins_once(app: Flask, desk: Desk) -> None:
    """By mail, over the host's sign-in and back; a second time, and by others, it opens nothing."""
    mia = sign_in(app, "mia")
    path = invite(desk, mia)
    assert "cem@example.org · Developer · Valid until" in text_of(mia, STAFF)
    asked = app.test_client().get(path)
    assert asked.status_code == 302
    assert asked.location.startswith("/login")
    assert path.rpartition("/")[2] in asked.location  # and back
    cem = user(app, "Cem")
    assert cem.get("/support/desk/").status_code == 404
    page = text_of(cem, path)
    assert "Mia invites you to work here as a developer." in page
    assert "signed in to the site as Cem" in page
    # opening it does nothing: programs that scan mail follow links
    assert cem.get("/support/desk/").status_code == 404
    assert send(cem, path, name=" ").status_code == 422
    joined = send(cem, path, name="Cem Demir")
    assert (joined.status_code, joined.location) == (303, "/support/desk/")
    assert cem.get("/support/desk/").status_code == 200
    with desk.ctx() as ctx:
        row = ctx.session.query(Person).filter_by(name="Cem Demir").one()
        assert (row.email, row.role) == ("cem@example.org", "developer")
    eve = user(app, "Eve").get(path)
    assert eve.status_code == 409
    assert "This invitation was accepted already." in eve.text
    assert "cem@example.org" not in text_of(mia, STAFF).partition("Invitations")[2]
    assert "Cem Demir accepted an invitation" in text_of(mia, "/support/desk/setup/changes")
    # no line tells the link, nor does a row
    token, history = path.rpartition("/")[2], str(told(desk))
    assert token not in history
    with desk.ctx() as ctx:
        invitation = ctx.session.query(Invitation).one()
        assert invitation.reference not in history
        assert token not in str(vars(invitation))
    assert not desk.broken()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("expired", "This invitation has expired."),
        ("withdraw", "This invitation was withdrawn."),
        ("again", "This invitation was sent again."),
    ],
)
def test_a_link_that_is_over_says_so(lite_app: Flask, lite_desk: Desk, how: str, said: str) -> None:
    """Expired, withdrawn or replaced: to who opens it, and to who sends its form."""
    mia = sign_in(lite_app, "mia")
    path, cem = invite(lite_desk, mia), user(lite_app, "Cem")
    with lite_desk.ctx() as ctx:
        number = ctx.session.query(Invitation).one().id
    newest = ""
    if how == "expired":
        lite_desk.clock.forward(days=7)
        assert "Expired" in text_of(mia, STAFF)
    else:
        assert press(mia, STAFF, f"{STAFF}/invitations/{number}/{how}").status_code == 303
        newest = arrived(lite_desk, "cem@example.org") if how == "again" else ""
    answer = cem.get(path)
    assert (answer.status_code, said in answer.text) == (409, True)
    assert cem.get("/support/desk/").status_code == 404
    if newest:
        assert send(cem, newest, name="Cem").status_code == 303
    for forged in (path[:-3] + "abc", "/support/desk/join/x"):
        assert cem.get(forged).status_code == 404


def test_an_address_is_invited_once_and_written_to_until_it_arrives(lite_app: Flask, lite_desk: Desk) -> None:
    """A second invitation is refused with a sentence, and so is the address of a colleague."""
    mia = sign_in(lite_app, "mia")
    for wrong in ("", "nobody", "ada@example.org", "ADA@Example.org"):
        assert send(mia, f"{STAFF}/invite", email=wrong, role="developer").status_code == 422
    assert send(mia, f"{STAFF}/invite", email="cem@example.org", role="king").status_code == 422
    assert not [mail for mail in lite_desk.work() if "invit" in str(mail).lower()]
    assert send(mia, f"{STAFF}/invite", email="cem@example.org", role="manager").status_code == 303
    assert "The email is on its way" in text_of(mia, STAFF)
    assert arrived(lite_desk, "cem@example.org")
    again = send(mia, f"{STAFF}/invite", email="Cem@Example.org", role="developer")
    assert again.status_code == 422
    assert "This address is invited already." in again.text
    # one that is withdrawn before the worker comes does not leave
    with lite_desk.ctx() as ctx:
        number = ctx.session.query(Invitation).one().id
    press(mia, STAFF, f"{STAFF}/invitations/{number}/again")
    press(mia, STAFF, f"{STAFF}/invitations/{number}/withdraw")
    assert not [mail for mail in lite_desk.work() if mail["To"] == "cem@example.org"]


def test_who_works_here_needs_no_invitation(lite_app: Flask, lite_desk: Desk) -> None:
    """One who was disabled is enabled by one that was sent since, with its role; by none from before."""
    mia = sign_in(lite_app, "mia")
    path = invite(lite_desk, mia, role="manager")
    ben = sign_in(lite_app, "ben")
    answer = send(ben, path, name="Ben")
    assert (answer.status_code, "You already work here" in answer.text) == (409, True)
    lite_desk.clock.forward(minutes=1)
    assert send(mia, f"{STAFF}/{lite_desk.ben.id}/disable").status_code == 303
    answer = send(ben, path, name="Ben")
    assert (answer.status_code, "You were disabled after" in answer.text) == (409, True)
    assert ben.get(STAFF).status_code == 404
    lite_desk.clock.forward(minutes=1)
    with lite_desk.ctx() as ctx:
        number = ctx.session.query(Invitation).one().id
    press(mia, STAFF, f"{STAFF}/invitations/{number}/again")
    assert send(ben, arrived(lite_desk, "cem@example.org"), name="Ben").status_code == 303
    assert ben.get(STAFF).status_code == 200
