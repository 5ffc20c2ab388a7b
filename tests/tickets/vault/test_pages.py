"""The vault's pages: who is shown what, once; and what customers read about it (G15, G16, N2)."""

from __future__ import annotations

import base64
import logging
import re
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from flask import Flask, session
from flask.testing import FlaskClient
from flask_login import confirm_login, login_user
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from paidsupport.demo.users import load
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.web.identity import SIGNED_IN, flask_login_fresh
from paidsupport.privacy.redaction import MASK
from paidsupport.testing import mount_of
from paidsupport.tickets.vault.operations import comparing
from paidsupport.tickets.vault.operations.comparing import Question, Ready
from tests.people import Desk, csrf_token, sign_in
from tests.sites import VAULT_KEY, site
from tests.tickets.test_pages import at, fields, send, words
from tests.tickets.vault.test_vault import PASSWORD, PUBLIC_KEY, reconfigured

pytestmark = pytest.mark.row("G15")


@pytest.fixture
def app(lite_app: Flask) -> Flask:
    """The demonstration site on SQLite; what a database may do in its own way is tested below the screen."""
    return lite_app


@pytest.fixture
def code(desk: Desk) -> str:
    """A ticket that Ada works on."""
    return desk.in_progress(desk.ada)


@pytest.fixture
def ada(app: Flask, desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(app, "ada")


@pytest.fixture
def customer(app: Flask, desk: Desk) -> FlaskClient:
    """A browser with a private link and nothing else."""
    return app.test_client()


def page_of(desk: Desk, code: str, rest: str = "/access") -> str:
    """The address of the customer's page, or of one below it."""
    return f"/support/t/{desk.token(code)}{rest}"


def look_at(code: str, reference: str) -> str:
    """The address for viewing a login."""
    return at(code, f"/access/{reference}/look")


def give(client: FlaskClient, page: str, **typed: str) -> Any:  # noqa: ANN401
    """Fill in the form with which a customer gives something."""
    values = {"kind": "password", "label": "SSH", "account": "jane", "secret": PASSWORD}
    return client.post(page, data=fields(client.get(page).text, "/access") | values | typed)


class TestCustomer:
    """What the customer sees and does."""

    @pytest.mark.row("N2")
    def test_every_look_is_shown_with_name_time_and_reason(
        self, desk: Desk, code: str, customer: FlaskClient
    ) -> None:
        """And that it is destroyed, with the hash of the line of history as certificate."""
        page = page_of(desk, code)
        assert "No look" not in words(customer.get(page).text)
        answer = give(customer, page)
        assert (answer.status_code, answer.location) == (303, page)
        said = customer.get(page)
        assert "Login shared. It's encrypted" in words(said.text)
        assert "Not viewed yet." in words(said.text)
        assert PASSWORD not in said.text
        reference = desk.given(code)[0].secret.reference
        desk.look(code, reference, desk.ada, reason="To upload <b>albums</b>.")
        said = customer.get(page)
        assert "Ada viewed it on 14 Mar 2034, 09:00 UTC: To upload <b>albums</b>." in words(said.text)
        assert "<b>albums" not in said.text
        assert "Viewed once, just now" in words(customer.get(page_of(desk, code, "")).text)
        taken = send(customer, page, page_of(desk, code, f"/access/{reference}/take-back"))
        assert taken.status_code == 303
        said = customer.get(page)
        assert "You deleted it on 14 Mar 2034, 09:00 UTC" in words(said.text)
        assert re.search(r"Certificate: [0-9a-f]{64}", words(said.text))
        assert desk.ticket(code).event_hash in said.text
        assert [mail["To"].addresses[0].username for mail in desk.work()][-1] == "ada"

    @pytest.mark.row("G16")
    def test_they_say_that_it_is_changed(self, desk: Desk, code: str, customer: FlaskClient) -> None:
        """When it is destroyed, in the words for what it is."""
        reference = desk.give(code, PASSWORD, kind="account")
        page = page_of(desk, code)
        assert "I've deleted the account" not in words(customer.get(page).text)
        desk.destroy(code, reference, desk.mia)
        assert "I've deleted the account" in words(customer.get(page).text)
        assert "by Mia" in words(customer.get(page).text)
        done = send(customer, page, page_of(desk, code, f"/access/{reference}/changed"))
        assert done.status_code == 303
        assert "You deleted the account on your server" in words(customer.get(page).text)

    def test_a_refused_form_does_not_show_it_again(
        self, desk: Desk, code: str, customer: FlaskClient
    ) -> None:
        """422 with everything else kept, and a word about typing it again."""
        page = page_of(desk, code)
        answer = give(customer, page, label="", account="jane")
        assert answer.status_code == 422
        assert PASSWORD not in answer.text
        assert "Enter what it opens" in words(answer.text)
        assert "Type it again" in words(answer.text)
        assert desk.given(code) == []

    def test_a_key_comes_first(self, desk: Desk, code: str, customer: FlaskClient) -> None:
        """If the developer has one: the line to add, the line to remove, and a button."""
        page = page_of(desk, code)
        assert "authorized_keys" not in customer.get(page).text
        with desk.ctx(desk.ada) as ctx:
            people.set_profile(ctx, email="ada@example.org", payment="x", public_key=PUBLIC_KEY)
        said = words(customer.get(page).text)
        body = PUBLIC_KEY.rpartition(" ")[0]
        assert f"echo '{body} paidsupport-{code}' >> ~/.ssh/authorized_keys" in said
        assert f"sed -i '/ paidsupport-{code}$/d' ~/.ssh/authorized_keys" in said
        assert (
            said.index("authorized_keys") < said.index("account just for this work") < said.index("Password")
        )
        done = send(customer, page, page_of(desk, code, "/access/key"))
        assert done.status_code == 303
        assert desk.given(code)[0].secret.kind == "key"
        form = fields(customer.get(page).text, "/access/key") | {"public_key": "ssh-rsa other"}
        assert customer.post(page_of(desk, code, "/access/key"), data=form).status_code == 409

    def test_only_while_somebody_holds_it(self, desk: Desk, customer: FlaskClient) -> None:
        """Before and afterwards there is a sentence in place of the form."""
        code = desk.order()
        page = page_of(desk, code)
        assert "No developer has your order now" in words(customer.get(page).text)
        assert "Your logins" not in customer.get(page_of(desk, code, "")).text
        desk.claim(code, desk.ada)
        assert "Share a login" in customer.get(page_of(desk, code, "")).text
        form = fields(customer.get(page).text, "/access")
        desk.transition(code, "release", desk.ada)
        answer = customer.post(page, data=form | {"label": "SSH", "account": "j", "secret": PASSWORD})
        assert answer.status_code == 409
        assert PASSWORD not in answer.text

    def test_another_customers_link_leads_nowhere(self, desk: Desk, code: str, customer: FlaskClient) -> None:
        """Neither to view the list, nor to withdraw anything."""
        reference = desk.give(code, PASSWORD)
        other = desk.in_progress(desk.ben)
        assert reference not in customer.get(page_of(desk, other)).text
        form = fields(customer.get(page_of(desk, other)).text, "/access")
        for deed in ("take-back", "changed"):
            url = page_of(desk, other, f"/access/{reference}/{deed}")
            assert customer.post(url, data=form).status_code == 404
        assert customer.post(page_of(desk, code, f"/access/{reference}/x"), data=form).status_code == 404
        assert customer.get(f"/support/t/{desk.token(code)}x/access").status_code == 404
        assert desk.given(code)[0].secret.destroyed_at is None

    @pytest.mark.parametrize("setting", ["", "nonsense"])
    def test_a_closed_vault_takes_nothing(
        self, desk: Desk, code: str, customer: FlaskClient, setting: str
    ) -> None:
        """Friendly words and 503, without a word of how the site is set up."""
        page = page_of(desk, code)
        form = fields(customer.get(page).text, "/access")
        reconfigured(desk, setting)
        assert "You can't share a login here" in words(customer.get(page).text)
        answer = customer.post(page, data=form | {"label": "SSH", "account": "jane", "secret": PASSWORD})
        assert answer.status_code == 503
        assert "The vault is closed just now" in words(answer.text)
        assert "PAIDSUPPORT" not in answer.text
        assert PASSWORD not in answer.text
        assert desk.given(code) == []


class TestLooking:
    """What the developer is shown."""

    def test_the_owner_is_shown_it_once(self, desk: Desk, code: str, ada: FlaskClient) -> None:
        """After saying why; not cached, in no session; loading the page anew shows nothing."""
        reference = desk.give(code, PASSWORD, label="SSH on the host")
        assert look_at(code, reference) in ada.get(at(code)).text
        form = fields(ada.get(look_at(code, reference)).text) | {"reason": "To log in."}
        answer = ada.post(look_at(code, reference), data=form)
        assert answer.status_code == 200
        shown = BeautifulSoup(answer.text, "html.parser").select_one("#ps-secret")
        assert shown is not None
        assert shown.get_text() == PASSWORD
        assert answer.headers["Cache-Control"] == "no-store"
        with ada.session_transaction() as session:
            assert PASSWORD not in str(dict(session))
        again = ada.post(look_at(code, reference), data=form)
        assert again.status_code == 409
        assert PASSWORD not in again.text
        assert "not shown again" in words(again.text)
        assert len(desk.given(code)[0].looks) == 1
        third = ada.post(look_at(code, reference), data=fields(again.text) | {"reason": "Once more."})
        assert PASSWORD in third.text
        for url in (at(code), at(code, "/history"), look_at(code, reference)):
            assert PASSWORD not in ada.get(url).text
        assert "Ada viewed a password" in words(ada.get(at(code, "/history")).text)

    @pytest.mark.parametrize("name", ["ben", "mia"])
    def test_nobody_else_is(self, app: Flask, desk: Desk, code: str, name: str) -> None:
        """Neither a colleague nor a manager; they see that there is something, and no way to it."""
        reference = desk.give(code, PASSWORD)
        other = sign_in(app, name)
        assert look_at(code, reference) not in other.get(at(code)).text
        assert other.get(look_at(code, reference)).status_code == 409
        form = fields(other.get(at(code)).text, "/annotations") | {"claim": "1", "reason": "Curious."}
        answer = other.post(look_at(code, reference), data=form)
        assert answer.status_code == 409
        assert PASSWORD not in answer.text
        assert "Only the owner of this ticket can view its logins" in words(answer.text)
        assert desk.given(code)[0].looks == []

    def test_a_former_owner_is_not_and_the_new_one_is(
        self, app: Flask, desk: Desk, code: str, ada: FlaskClient
    ) -> None:
        """The page that was open before the hand-over shows nothing."""
        reference = desk.give(code, PASSWORD)
        form = fields(ada.get(look_at(code, reference)).text) | {"reason": "To log in."}
        desk.transition(code, "hand-over", desk.ada, colleague=desk.ben.id, note="Away.")
        answer = ada.post(look_at(code, reference), data=form)
        assert answer.status_code == 409
        assert PASSWORD not in answer.text
        assert PASSWORD in send(sign_in(app, "ben"), look_at(code, reference), reason="My turn.").text

    def test_a_stale_claim_is_refused(self, desk: Desk, code: str, ada: FlaskClient) -> None:
        """Released and claimed anew: the old page shows nothing, what it says then can be sent."""
        reference = desk.give(code, PASSWORD)
        form = fields(ada.get(look_at(code, reference)).text) | {"reason": "To log in."}
        desk.transition(code, "release", desk.ada, note="So.")
        desk.claim(code, desk.ada)
        answer = ada.post(look_at(code, reference), data=form)
        assert answer.status_code == 409
        assert PASSWORD not in answer.text
        again = ada.post(look_at(code, reference), data=fields(answer.text) | {"reason": "To log in."})
        assert PASSWORD in again.text

    @pytest.mark.parametrize(
        "broken",
        [{"reason": ""}, {"claim": ""}, {"claim": "x"}, {"csrf_token": "x"}, {"key": "short"}, {"key": None}],
    )
    def test_a_broken_form_shows_nothing(
        self, desk: Desk, code: str, ada: FlaskClient, broken: dict[str, str | None]
    ) -> None:
        """422, and no line is written."""
        reference = desk.give(code, PASSWORD)
        form = fields(ada.get(look_at(code, reference)).text) | {"reason": "To log in."} | broken
        answer = ada.post(look_at(code, reference), data={k: v for k, v in form.items() if v is not None})
        assert answer.status_code == 422
        assert PASSWORD not in answer.text
        assert desk.given(code)[0].looks == []

    def test_a_commit_that_fails_shows_nothing(
        self, desk: Desk, code: str, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The line is in the database before the page leaves, or the page does not."""
        reference = desk.give(code, PASSWORD)
        form = fields(ada.get(look_at(code, reference)).text) | {"reason": "To log in."}

        def fail(_session: Session) -> None:
            raise OperationalError("COMMIT", {}, Exception("the disk is full"))

        with monkeypatch.context() as patched:
            patched.setattr(Session, "commit", fail)
            answer = ada.post(look_at(code, reference), data=form)
        assert answer.status_code == 503
        assert PASSWORD not in answer.text
        assert desk.given(code)[0].looks == []

    def test_one_who_signed_in_long_ago_signs_in_again(self, desk: Desk, code: str, ada: FlaskClient) -> None:
        """403 with the way to the host's log-in, which leads back."""
        reference = desk.give(code, PASSWORD)
        form = fields(ada.get(look_at(code, reference)).text) | {"reason": "To log in."}
        with ada.session_transaction() as session:
            session["_fresh"] = False
        for answer in (ada.get(look_at(code, reference)), ada.post(look_at(code, reference), data=form)):
            assert answer.status_code == 403
            assert PASSWORD not in answer.text
            assert "Sign in again" in words(answer.text)
            way = BeautifulSoup(answer.text, "html.parser").select_one("a[href*='/login?next=']")
            assert way is not None
        assert desk.given(code)[0].looks == []
        assert ada.get(at(code)).status_code == 200

    def test_signing_in_counts_for_fifteen_minutes(self, desk: Desk, code: str, ada: FlaskClient) -> None:
        """Then the host's log-in, in the same browser, leads back and counts anew."""
        url = look_at(code, desk.give(code, PASSWORD))
        desk.clock.forward(minutes=15)
        form = fields(ada.get(url).text) | {"reason": "To log in."}
        desk.clock.forward(seconds=1)
        answer = ada.post(url, data=form)
        assert answer.status_code == ada.get(url).status_code == 403
        assert PASSWORD not in answer.text
        way = BeautifulSoup(answer.text, "html.parser").select_one("a[href*='/login?next=']")
        assert way is not None
        page = {"csrf_token": csrf_token(ada, str(way["href"]))}
        back = ada.post(str(way["href"]), data=page | {"email": "ada@example.org", "password": "demo"})
        assert (back.status_code, back.location) == (303, url)
        assert PASSWORD in send(ada, url, reason="To log in.").text

    @pytest.mark.parametrize("kept", [None, "2034", 4_000_000_000])
    def test_a_session_that_does_not_say_when_is_not_fresh(
        self, desk: Desk, code: str, ada: FlaskClient, kept: object
    ) -> None:
        """As one from before the desk was mounted, or one from far in the future."""
        with ada.session_transaction() as session:
            session[SIGNED_IN] = kept
        assert ada.get(look_at(code, desk.give(code, PASSWORD))).status_code == 403

    def test_confirming_counts_as_signing_in_and_a_cookie_does_not(self, desk: Desk) -> None:
        """Flask-Login tells of each; a session that is remembered later is not fresh, whenever it began."""
        with desk.app.test_request_context():
            login_user(load("1"), fresh=False)
            assert not flask_login_fresh()
            session[SIGNED_IN] = 0
            confirm_login()
            assert flask_login_fresh()

    def test_the_site_may_say_who_is_fresh(self, desk: Desk, code: str, ada: FlaskClient) -> None:
        """With a function of its own."""
        reference = desk.give(code, PASSWORD)
        mount_of(desk.app).fresh = lambda: False
        assert ada.get(look_at(code, reference)).status_code == 403

    def test_a_closed_vault_says_what_to_do(self, desk: Desk, code: str, ada: FlaskClient) -> None:
        """To staff, in full; the page of the ticket works on."""
        reference = desk.give(code, PASSWORD)
        form = fields(ada.get(look_at(code, reference)).text) | {"reason": "To log in."}
        reconfigured(desk, "")
        answer = ada.post(look_at(code, reference), data=form)
        assert answer.status_code == 503
        assert "flask paidsupport vault new-key" in words(answer.text)
        page = ada.get(at(code))
        assert page.status_code == 200
        assert "The vault is closed" in words(page.text)
        email = send(ada, at(code, "/write"), body="A letter of many words.", action="send")
        assert email.status_code == 503
        assert fields(email.text)["body"] == "A letter of many words."

    @pytest.mark.row("G16")
    @pytest.mark.parametrize(("name", "status"), [("ada", 303), ("mia", 303), ("ben", 409)])
    def test_owners_and_managers_destroy(
        self, app: Flask, desk: Desk, code: str, name: str, status: int
    ) -> None:
        """With one button; it is told in words."""
        reference = desk.give(code, PASSWORD)
        client = sign_in(app, name)
        url = at(code, f"/access/{reference}/destroy")
        assert (url in client.get(at(code)).text) is (status == 303)
        form = fields(client.get(at(code)).text, "/annotations")
        assert client.post(url, data=form).status_code == status
        assert client.get(url).location == at(code)
        assert (desk.given(code)[0].secret.destroyed_at is not None) is (status == 303)


class TestWriting:
    """No password leaves by a form."""

    def test_a_letter_with_it_stays_in_its_form(self, desk: Desk, code: str, ada: FlaskClient) -> None:
        """422 at the field, with the text kept, the line named and the file, too."""
        desk.give(code, PASSWORD)
        body = f"Hello,\nI used {PASSWORD}."
        typed: dict[str, Any] = {
            "body": body,
            "action": "send",
            "files": (BytesIO(PASSWORD.encode()), "a.txt"),
        }
        answer = send(ada, at(code, "/write"), **typed)
        assert answer.status_code == 422
        said = BeautifulSoup(answer.text, "html.parser")
        errors = " ".join(words(str(error)) for error in said.select(".ps-error"))
        assert f"Line 2 reveals a login of this ticket: “I used {MASK}.”" in errors
        assert "a.txt" in errors
        assert PASSWORD not in errors
        assert fields(answer.text)["body"] == body
        assert desk.happened(code).count("message-out") == 1

    def test_others_write_while_a_text_is_compared(
        self, desk: Desk, code: str, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Comparing holds no lock, happens once, and is no reason to keep a note twice."""
        desk.give(code, PASSWORD)
        compare, runs = comparing._problems, list[str]()

        def watched(secrets: Ready | None, question: Question) -> dict[str, list[str]]:
            runs.append(desk.order())
            return compare(secrets, question)

        monkeypatch.setattr(comparing, "_problems", watched)
        note = {"body": "See the file.", "files": (BytesIO(b"x"), "a.txt")}
        assert send(ada, at(code), at(code, "/annotations"), **note).status_code == 303
        assert len(runs) == 1
        assert desk.happened(code).count("annotated") == 1

    def test_a_secret_that_comes_meanwhile_is_compared_too(
        self, desk: Desk, code: str, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was found out about the secrets of a moment ago is not enough."""
        desk.give(code, PASSWORD)
        compare, runs = comparing._problems, list[str]()

        def watched(secrets: Ready | None, question: Question) -> dict[str, list[str]]:
            if not runs:
                desk.give(code, "another-Secret-7")
            runs.append(question.text)
            return compare(secrets, question)

        monkeypatch.setattr(comparing, "_problems", watched)
        answer = send(ada, at(code), at(code, "/annotations"), body="It is another-Secret-7.")
        assert answer.status_code == 422
        assert len(runs) == 2
        assert f"It is {MASK}." in words(answer.text)
        assert "annotated" not in desk.happened(code)

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            (f"{PASSWORD}.txt", b"Nothing."),
            (f"{base64.b64encode(PASSWORD.encode()).decode().replace('/', '_')}.txt", b"Nothing."),
            ("plan.txt", PASSWORD.encode("utf-16-le")),
            ("plan.bin", b"\0" + base64.b64encode(PASSWORD.encode())),
            ("plan.txt", quote(quote(PASSWORD)).encode()),
        ],
    )
    def test_no_file_gives_it_away(
        self, desk: Desk, code: str, ada: FlaskClient, name: str, content: bytes
    ) -> None:
        """Neither by its name nor by its content, in whatever dress; nor does what is said about it."""
        desk.give(code, PASSWORD)
        note = {"body": "See the file.", "files": (BytesIO(content), name)}
        answer = send(ada, at(code), at(code, "/annotations"), **note)
        assert answer.status_code == 422
        (error,) = BeautifulSoup(answer.text, "html.parser").select(".ps-error")
        assert "login" in error.get_text()
        assert name not in error.get_text() or name.startswith("plan")
        assert "annotated" not in desk.happened(code)

    def test_a_login_in_a_message_is_one_click_from_the_vault(
        self, app: Flask, desk: Desk, code: str, ada: FlaskClient
    ) -> None:
        """Masked for all, moved by the owner; the customer's page has it masked, too."""
        desk.receive(code, "The password: tulip-Field-9")
        for client, url in ((ada, at(code)), (app.test_client(), page_of(desk, code, ""))):
            shown = client.get(url).text
            assert "tulip-Field-9" not in shown
            assert MASK in shown
        url = at(code, "/messages/2/cut")
        assert url not in sign_in(app, "ben").get(at(code)).text
        answer = send(ada, at(code), url)
        assert (answer.status_code, answer.location) == (303, at(code) + "#message-2")
        page = words(ada.get(at(code)).text)
        assert "[moved to the vault]" in page
        assert "Ada moved a login from message 2 into the vault" in words(ada.get(at(code, "/history")).text)
        for number in ("x", "0", "999", "9" * 30):
            assert ada.post(at(code, f"/messages/{number}/cut"), data={}).status_code in {404, 422}

    def test_no_json_tells_it(self, app: Flask, desk: Desk, code: str) -> None:
        """Neither what was given nor what was written; and a program cannot send it."""
        desk.give(code, PASSWORD)
        desk.receive(code, "The password: tulip-Field-9")
        with desk.ctx() as ctx:
            token = people.new_token(ctx, "ada@example.org", "x", 1, "write")
        client, headers = app.test_client(), {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
        told = client.get(f"/support/api/v1/tickets/{code}", headers=headers)
        assert PASSWORD not in told.text
        assert "tulip-Field-9" not in told.text
        sent = {"body": f"I used {PASSWORD}", "claim": 1, "thread": 2}
        answer = client.post(f"/support/api/v1/tickets/{code}/messages", headers=headers, json=sent)
        assert answer.status_code == 422
        assert PASSWORD not in answer.text
        reconfigured(desk, "")
        answer = client.post(f"/support/api/v1/tickets/{code}/messages", headers=headers, json=sent)
        assert answer.status_code == 503

    def test_the_customers_link_reads_no_reasons_twice(self, desk: Desk, code: str, ada: FlaskClient) -> None:
        """A reason that quotes the secret is refused at its field."""
        reference = desk.give(code, PASSWORD)
        answer = send(ada, look_at(code, reference), reason=f"It is {PASSWORD}")
        assert answer.status_code == 422
        assert desk.given(code)[0].looks == []


class TestProfile:
    """The developer's public key."""

    def test_it_is_kept(self, ada: FlaskClient) -> None:
        """And can be taken away again."""
        for typed in (PUBLIC_KEY, ""):
            assert send(ada, "/support/desk/profile", **profile(typed)).status_code == 303
            page = BeautifulSoup(ada.get("/support/desk/profile").text, "html.parser")
            assert page.select_one("#public_key")["value"] == typed  # type: ignore[index]

    @pytest.mark.parametrize(
        "typed",
        [
            "-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXk -----END OPENSSH PRIVATE KEY-----",
            "-----BEGIN RSA PRIVATE KEY-----",
            "PuTTY-User-Key-File-3: ssh-ed25519",
        ],
    )
    def test_a_private_key_is_refused_strongly_and_not_shown(self, ada: FlaskClient, typed: str) -> None:
        """422; the page does not repeat it."""
        answer = send(ada, "/support/desk/profile", **profile(typed))
        assert answer.status_code == 422
        assert "This is a PRIVATE key." in words(answer.text)
        assert typed not in words(answer.text)
        assert BeautifulSoup(answer.text, "html.parser").select_one("#public_key")["value"] == ""  # type: ignore[index]

    @pytest.mark.parametrize(
        "typed", ["ssh-ed25519", "ssh-dss AAAA", "ssh-rsa !!!!", f"no-pty {PUBLIC_KEY}", "x" * 4001]
    )
    def test_anything_else_is_refused(self, ada: FlaskClient, typed: str) -> None:
        """A key says what it is, and without options."""
        assert send(ada, "/support/desk/profile", **profile(typed)).status_code == 422


def profile(public_key: str) -> dict[str, str]:
    """What the form would send."""
    return {"email": "ada@example.org", "payment": "PayPal: a", "public_key": public_key}


def test_no_log_of_a_request_tells_it(
    desk: Desk, code: str, ada: FlaskClient, customer: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Of giving, refusing, looking and a fault in between."""
    caplog.set_level(logging.DEBUG)
    give(customer, page_of(desk, code))
    give(customer, page_of(desk, code), label="")
    reference = desk.given(code)[0].secret.reference
    assert PASSWORD in send(ada, look_at(code, reference), reason="To log in.").text
    send(ada, at(code, "/write"), body=PASSWORD, action="send")
    assert PASSWORD not in caplog.text
    assert VAULT_KEY not in caplog.text


def test_a_wrong_type_of_key_is_not_repeated(tmp_path: Any) -> None:  # noqa: ANN401
    """A setting that is no text stops the start without telling what it is."""
    with pytest.raises(Exception, match="PAIDSUPPORT_VAULT_KEYS must be text, not bytes"):
        next(iter(site("sqlite://", tmp_path, prepare=False, PAIDSUPPORT_VAULT_KEYS=VAULT_KEY.encode())))
