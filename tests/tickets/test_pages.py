"""The staff pages.

A ticket, its transitions, writing to the customer, boilerplate, the profile, stuck ones.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from paidsupport.catalogue.tables import Boilerplate
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.staff.tables import Person
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.tables import Annotation, Message
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.paid import PAID
from paidsupport.tickets.tables import Event, Ticket
from tests.people import Desk, csrf_token, sign_in

DESK = "/support/desk"


def at(code: str, rest: str = "") -> str:
    """The address of a ticket's page, or of one below it."""
    return f"{DESK}/tickets/{code}{rest}"


def words(html: str) -> str:
    """What a page says, in one line."""
    return " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split())


def next_step(html: str) -> str:
    """What the box on top says."""
    box = BeautifulSoup(html, "html.parser").select_one(".ps-next")
    assert box is not None
    return words(str(box))


def fields(html: str, action: str = "") -> dict[str, str]:
    """Everything that the form for `action` (by default the first but the search) would send unchanged."""
    soup = BeautifulSoup(html, "html.parser")
    forms = [form for form in soup.select("form[method=post]") if "logout" not in str(form.get("action"))]
    form = next(form for form in forms if str(form.get("action", "")).endswith(action))
    found = {str(tag["name"]): str(tag.get("value", "")) for tag in form.select("input[type=hidden]")}
    return found | {str(tag["name"]): tag.get_text().removeprefix("\r\n") for tag in form.select("textarea")}


def send(client: FlaskClient, page: str, url: str = "", **typed: Any) -> Any:  # noqa: ANN401
    """Fill in the form at `page` and send it to `url`, or to `page` itself."""
    html = client.get(page).text
    return client.post(url or page, data=fields(html, url.rpartition("/")[2]) | typed)


def count(desk: Desk, table: type[Any]) -> int:
    """How many rows of this kind there are."""
    with desk.ctx() as ctx:
        return len(ctx.session.scalars(select(table)).all())


#: For what a database may do in its own way.
BOTH = pytest.mark.parametrize(
    "app", ["lite_app", pytest.param("pg_app", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Flask:
    """The demonstration site: on SQLite, unless a test asks for both."""
    found: Flask = request.getfixturevalue(getattr(request, "param", "lite_app"))
    return found


@pytest.fixture
def ada(app: Flask, desk: Desk) -> FlaskClient:
    """Ada's browser."""
    return sign_in(app, "ada")


@pytest.fixture
def ben(app: Flask, desk: Desk) -> FlaskClient:
    """Ben's browser."""
    return sign_in(app, "ben")


class TestTicket:
    """The page of a ticket."""

    def test_it_shows_what_was_ordered(self, desk: Desk, ada: FlaskClient) -> None:
        """Answers, requirements, host, price and the customer's words are there, shown as text."""
        code = desk.order(details="<script>alert(1)</script> {{ 7*7 }}", name="J'><b>ane")
        page = ada.get(at(code))
        assert "<script>alert" not in page.text
        assert "<b>ane" not in page.text
        said = words(page.text)
        for expected in (
            "<script>alert(1)</script> {{ 7*7 }}",
            "8.2",
            "PostgreSQL",
            "USD 45.00",
            "SSH, no root",
        ):
            assert expected in said
        assert 'href="https://gallery.example.com"' in page.text
        assert "&lt;time" not in page.text

    @pytest.mark.parametrize("spelling", ["lower", "spaced"])
    def test_another_spelling_of_the_code_leads_there(
        self, desk: Desk, ada: FlaskClient, spelling: str
    ) -> None:
        """Codes are read from mails and telephones."""
        code = desk.order()
        typed = code.lower() if spelling == "lower" else code.replace("-", "")
        answer = ada.get(at(typed))
        assert (answer.status_code, answer.location) == (308, at(code))

    @BOTH
    @pytest.mark.parametrize("typed", ["PS-2222-2222", "nonsense", "%00", "PS-7K3F-9QX%00", "'; DROP"])
    def test_an_unknown_code_is_not_found(self, ada: FlaskClient, typed: str) -> None:
        """Whatever stands in the address, it is the same page."""
        assert ada.get(at(typed)).status_code == 404
        assert ada.get(at(typed, "/write")).status_code == 404

    def test_the_next_step_follows_the_ticket(self, desk: Desk, ada: FlaskClient) -> None:
        """From the claim to the end, the box on top says what to do."""
        code = desk.order()
        seen = [next_step(ada.get(at(code)).text)]
        for act in (
            lambda: desk.claim(code, desk.ada),
            lambda: desk.write(code, desk.ada),
            desk.work,
            lambda: desk.receive(code, "Go ahead."),
            lambda: desk.transition(code, "start", desk.ada),
            lambda: desk.write(code, desk.ada, "I begin."),
            lambda: (desk.work(), desk.finish(code, desk.ada)),
            lambda: desk.receive(code, "It broke again."),
        ):
            act()
            seen.append(next_step(ada.get(at(code)).text))
        expected = (
            "This ticket has no owner yet",
            "Next: write the first contact",
            "Your message is on its way",
            "Waiting for Jane Doe",
            "Next: answer Jane Doe",
            "Next: answer Jane Doe",
            "Next: do the work",
            "Nothing to do",
            "The customer has written since",
        )
        assert [step[: len(start)] for step, start in zip(seen, expected, strict=True)] == list(expected)

    def test_a_colleague_sees_who_holds_it(self, desk: Desk, ada: FlaskClient) -> None:
        """No button to write, and the name of the owner."""
        code = desk.order()
        desk.claim(code, desk.ben)
        page = ada.get(at(code)).text
        assert next_step(page).startswith("Ben has this ticket")
        assert at(code, "/write") not in page

    def test_what_a_move_lacks_stands_there_before_the_click(self, desk: Desk, ada: FlaskClient) -> None:
        """The sentence is the one of the refusal."""
        code = desk.order()
        desk.claim(code, desk.ada)
        sentence = "Contact the customer first. None of your emails has reached them yet."
        assert sentence in words(ada.get(at(code)).text)
        refused = send(ada, at(code, "/moves/start"), note="They agreed on the phone.")
        assert refused.status_code == 409
        assert sentence in words(refused.text)
        assert "They agreed on the phone." in refused.text

    def test_a_long_thread_is_folded(self, desk: Desk, ada: FlaskClient) -> None:
        """The newest messages come first; older ones are shown when they are asked for."""
        code = desk.in_progress(desk.ada)
        for number in range(12):
            desk.receive(code, f"Message number {number}.")
        soup = BeautifulSoup(ada.get(at(code)).text, "html.parser")
        said = [words(str(each)) for each in soup.select("#thread [reversed] > li > .ps-prose")]
        assert said == [f"Message number {number}." for number in range(11, 1, -1)]
        older = soup.select_one("#ps-older a")
        assert older is not None
        assert words(str(older)) == "Show 3 older messages"
        assert "Message number 1." in words(ada.get(str(older["href"])).text)

    def test_a_very_long_conversation_comes_by_pages(self, desk: Desk, ada: FlaskClient) -> None:
        """No page of 200 long messages has more than 80 KB, and the pages have each of them once."""
        code = desk.order()
        with desk.ctx() as ctx:
            ticket = tickets.lock(ctx.session, code)
            for number in range(1, 201):
                said = f"Message {number}. " + "The upload stops after three photos of the same album. " * 18
                shared = {"ticket_id": ticket.id, "direction": "in", "author_name": "Jane Doe"}
                ctx.session.add(Message(number=number, raw=said, at=ctx.now, **shared))
            tickets.change(ctx.session, ticket, thread=200)
        seen: list[str] = []
        url = at(code)
        while url:
            html = ada.get(url).text
            assert len(html.encode()) <= 80_000
            soup = BeautifulSoup(html, "html.parser")
            seen += [str(each["id"]) for each in soup.select("#thread [reversed] > li[id^=message]")]
            older = soup.select_one("#ps-older a")
            url = str(older["href"]) if older else ""
        assert seen == [f"message-{number}" for number in range(200, 0, -1)]

    def test_a_first_contact_is_written_on_the_page(self, desk: Desk, ada: FlaskClient) -> None:
        """Draft and what must be in it stand there; a refusal, remarks and a canned reply come there, too."""
        code = desk.order()
        desk.claim(code, desk.ada)
        form = fields(ada.get(at(code)).text, "/write")
        assert "Before I start, please tell me:" in form["body"]
        assert form["thread"] == "0"
        refused = ada.post(at(code, "/write"), data=form | {"body": f"Hello, {code}.", "action": "send"})
        assert refused.status_code == 422
        soup = BeautifulSoup(refused.text, "html.parser")
        assert soup.select_one(".ps-ticket") is not None
        met = [words(str(need)) for need in soup.select("#ps-reply-needs .ps-met")]
        assert met == [f"The confirmation code {code}"]
        assert soup.select_one("a[href='#ps-reply-body']") is not None
        said = form["body"] + "\n\nHopefully that is all."
        remarked = ada.post(at(code, "/write"), data=form | {"body": said, "action": "send"})
        assert "Check 1 place before you send this." in words(remarked.text)
        assert count(desk, Message) == 0
        again = fields(remarked.text, "/write")
        assert again["body"].rstrip().endswith("Hopefully that is all.")
        desk.receive(code, "One thing more.")
        stale = ada.post(at(code, "/write"), data=again | {"action": "send"})
        assert stale.status_code == 409
        assert "Send anyway" in words(stale.text)
        sent = ada.post(at(code, "/write"), data=fields(stale.text, "/write") | {"action": "send"})
        assert sent.status_code == 303, words(sent.text)
        assert count(desk, Message) == 2

    @BOTH
    def test_it_takes_as_many_queries_however_much_is_on_it(self, desk: Desk, ada: FlaskClient) -> None:
        """Files, hand-overs, a long thread, annotations, links, a stuck email."""
        code = desk.in_progress(desk.ben)
        desk.transition(code, "hand-over", desk.ben, colleague=desk.ada.id, note="Away.")
        desk.write(code, desk.ada)
        stick(desk, UnclearError("It broke."))
        ada.get(at(code))  # what is the same for everybody is read
        costs = []
        for count in (1, 3):
            for number in range(count):
                desk.receive(code, f"Message {number}")
                note = {"body": f"See file {number}.", "files": (BytesIO(b"x"), "a.txt")}
                assert send(ada, at(code), at(code, "/annotations"), **note).status_code == 303
                link = {"other": desk.order(), "kind": "related"}
                assert send(ada, at(code), at(code, "/links"), **link).status_code == 303
            with desk.statements() as seen:
                assert ada.get(at(code)).status_code == 200
            costs.append(len(seen))
        assert costs[1] <= costs[0]

    def test_files_are_found_and_strangers_are_not(self, desk: Desk, ada: FlaskClient) -> None:
        """A file hangs on its annotation, and leaves as a download of this ticket only."""
        code, other = desk.order(), desk.order()
        note = {"body": "See the file.", "files": (BytesIO(b"<script>"), "../evil.html")}
        assert send(ada, at(code), at(code, "/annotations"), **note).status_code == 303
        link = BeautifulSoup(ada.get(at(code)).text, "html.parser").select_one(".ps-notes a")
        assert link is not None
        assert words(str(link)) == "evil.html"
        with ada.get(str(link["href"])) as answer:
            assert answer.data == b"<script>"
            assert answer.headers["Content-Disposition"].startswith("attachment")
        assert ada.get(str(link["href"]).replace(code, other)).status_code == 404
        assert ada.get(at(code, "/files/%00")).status_code == 404


def stick(desk: Desk, error: Exception) -> None:
    """Let every email that waits fail with `error`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.transport, "send", lambda _mail: (_ for _ in ()).throw(error))
        desk.work()


@BOTH
class TestClaim:
    """One click, one owner."""

    @pytest.mark.row("G6")
    def test_the_first_click_wins_and_the_second_reads_who(
        self, desk: Desk, ada: FlaskClient, ben: FlaskClient
    ) -> None:
        """Both saw the ticket open; one has it now, the other is told who and since when."""
        code = desk.order()
        forms = [fields(client.get(at(code)).text, "/claim") for client in (ada, ben)]
        first = ada.post(at(code, "/claim"), data=forms[0])
        assert (first.status_code, first.location) == (303, at(code))
        second = ben.post(at(code, "/claim"), data=forms[1])
        assert second.status_code == 409
        assert "Ada has this ticket" in words(second.text)
        assert "Owned by Ada , claimed just now" in words(second.text)
        assert at(code) in second.text
        assert desk.ticket(code).owner_id == desk.ada.id

    def test_a_double_click_claims_once(self, desk: Desk, ada: FlaskClient) -> None:
        """The same form again leads to the same page, and nothing more happens."""
        code = desk.order()
        form = fields(ada.get(at(code)).text, "/claim")
        answers = [ada.post(at(code, "/claim"), data=form).status_code for _ in range(2)]
        assert answers == [303, 303]
        assert desk.ticket(code).claim_number == 1

    def test_it_takes_eleven_queries_at_most(self, desk: Desk, ada: FlaskClient) -> None:
        """Two find out who asks, one sees that they still work here, three write the ledger, one tells."""
        code = desk.order()
        form = fields(ada.get(at(code)).text, "/claim")
        with desk.statements() as seen:
            assert ada.post(at(code, "/claim"), data=form).status_code == 303
        assert len(seen) <= 11, seen

    @pytest.mark.parametrize(
        "broken",
        [{"version": ""}, {"version": "x"}, {"key": "short"}, {"csrf_token": "x"}, {"version": None}],
    )
    def test_a_broken_form_is_refused(
        self, desk: Desk, ada: FlaskClient, broken: dict[str, str | None]
    ) -> None:
        """Version, key and token are never optional."""
        code = desk.order()
        form = fields(ada.get(at(code)).text, "/claim") | broken
        answer = ada.post(at(code, "/claim"), data={name: value for name, value in form.items() if value})
        assert answer.status_code in {400, 422}
        assert desk.ticket(code).owner_id is None

    def test_a_ticket_that_is_open_again_can_be_claimed_from_the_conflict(
        self, desk: Desk, ada: FlaskClient
    ) -> None:
        """The version that was seen is old, but the ticket has no owner: one more click claims it."""
        code = desk.order()
        form = fields(ada.get(at(code)).text, "/claim")
        desk.claim(code, desk.ben)
        desk.transition(code, "release", desk.ben)
        refused = ada.post(at(code, "/claim"), data=form)
        assert refused.status_code == 409
        assert "This ticket has no owner yet" in next_step(refused.text)
        assert ada.post(at(code, "/claim"), data=fields(refused.text, "/claim")).status_code == 303


class TestTransitions:
    """The forms of the transitions."""

    @pytest.mark.row("G4")
    @pytest.mark.parametrize("name", ["start", "close", "abandon", "reject", "release", "reopen"])
    def test_the_meaning_of_a_status_stands_where_it_is_chosen(
        self, desk: Desk, ada: FlaskClient, name: str
    ) -> None:
        """Each transition says where it leads and what that means; there are six statuses."""
        code = desk.order()
        if name != "reject":
            desk.claim(code, desk.ada)
        if name == "close":
            code = desk.in_progress(desk.ada)
        if name == "reopen":
            desk.transition(code, "abandon", desk.ada, reason="other", note="No.")
        target = PAID.state(str(PAID.transition(name).target))
        said = words(ada.get(at(code, f"/moves/{name}")).text)
        assert f"{target.label} : {target.meaning}" in said
        assert len(PAID.states) == 6

    @pytest.mark.row("G8")
    def test_work_starts_only_with_an_agreement(self, desk: Desk, ada: FlaskClient) -> None:
        """Without a reply and without a note it is refused; a note that says how will do."""
        code = desk.order()
        desk.claim(code, desk.ada)
        desk.write(code, desk.ada)
        desk.work()
        refused = send(ada, at(code, "/moves/start"))
        assert refused.status_code == 409
        assert "Wait for the customer's reply, or note how the work was agreed." in words(refused.text)
        assert send(ada, at(code, "/moves/start"), note="On the phone.").status_code == 303
        ticket = desk.ticket(code)
        assert (ticket.state, ticket.agreed) == ("in-progress", "On the phone.")

    @pytest.mark.row("G8")
    def test_a_reply_is_an_agreement(self, desk: Desk, ada: FlaskClient) -> None:
        """Nothing needs to be typed then."""
        code = desk.order()
        desk.claim(code, desk.ada)
        desk.write(code, desk.ada)
        desk.work()
        desk.receive(code, "Go ahead.")
        assert "(optional)" in words(ada.get(at(code, "/moves/start")).text)
        assert send(ada, at(code, "/moves/start")).status_code == 303

    @pytest.mark.row("G9")
    @pytest.mark.parametrize(
        ("name", "reason", "state"),
        [
            (name, reason.name, state)
            for name, state in (("abandon", "abandoned"), ("reject", "invalid"))
            for reason in PAID.transition(name).reasons
        ],
    )
    def test_work_that_was_not_done_ends_with_a_reason_and_a_note(
        self, desk: Desk, ada: FlaskClient, name: str, reason: str, state: str
    ) -> None:
        """Each reason of the list can be chosen; the note becomes an annotation."""
        code = desk.order()
        desk.claim(code, desk.ada)
        page = ada.get(at(code, f"/moves/{name}"))
        assert PAID.transition(name).reasons[0].label in words(page.text)
        assert send(ada, at(code, f"/moves/{name}"), reason=reason, note="So it was.").status_code == 303
        assert (desk.ticket(code).state, desk.ticket(code).end_reason) == (state, reason)
        said = words(ada.get(at(code)).text)
        assert "So it was." in said
        assert next(r.label for r in PAID.transition(name).reasons if r.name == reason) in said

    @pytest.mark.row("G9")
    def test_without_reason_or_note_it_does_not_end(self, desk: Desk, ada: FlaskClient) -> None:
        """Each sentence stands at its field; what was filled in stays."""
        code = desk.order()
        desk.claim(code, desk.ada)
        refused = send(ada, at(code, "/moves/abandon"), reason="no-response")
        assert refused.status_code == 409
        soup = BeautifulSoup(refused.text, "html.parser")
        assert "Leave an annotation that says why." in words(str(soup.select_one("#note-error")))
        assert soup.select_one("#reason-error") is None
        assert soup.select_one("input[value=no-response][checked]") is not None
        assert soup.select_one('.ps-summary a[href="#note"]') is not None
        wrong = send(ada, at(code, "/moves/abandon"), reason="invented", note="x")
        assert "Choose a reason from the list." in words(wrong.text)
        assert desk.ticket(code).state == "pending"

    @pytest.mark.row("G9")
    def test_finished_work_is_closed(self, desk: Desk, ada: FlaskClient) -> None:
        """A note is welcome and not asked for."""
        code = desk.in_progress(desk.ada)
        desk.tick_all(code, desk.ada)
        desk.report(code, desk.ada)
        desk.work()
        assert send(ada, at(code, "/moves/close")).status_code == 303
        assert desk.ticket(code).state == "closed"

    @pytest.mark.row("G11")
    def test_it_is_handed_to_a_colleague_by_name(
        self, desk: Desk, ada: FlaskClient, ben: FlaskClient
    ) -> None:
        """The colleagues are in the list, the owner is not; the history says who got it."""
        code = desk.in_progress(desk.ada)
        page = BeautifulSoup(ada.get(at(code, "/moves/hand-over")).text, "html.parser")
        names = [words(str(option)) for option in page.select("#colleague option")]
        assert names == ["Choose a colleague", "Ben", "Mia"]
        nobody = send(ada, at(code, "/moves/hand-over"), colleague="9" * 30)
        assert nobody.status_code == 409
        assert "Choose the colleague who takes it over." in words(nobody.text)
        done = send(ada, at(code, "/moves/hand-over"), colleague=str(desk.ben.id), note="Away.")
        assert done.status_code == 303
        said = ben.get(at(code)).text
        assert "Ada handed it to Ben" in words(ben.get(at(code, "/history")).text)
        assert next_step(said).startswith("Next: introduce yourself")

    @pytest.mark.row("G11")
    def test_it_is_given_back_and_opened_again(self, desk: Desk, ada: FlaskClient) -> None:
        """After a contact with a note for the next one; after the end with a reason."""
        code = desk.in_progress(desk.ada)
        assert send(ada, at(code, "/moves/release")).status_code == 409
        assert send(ada, at(code, "/moves/release"), note="No time.").status_code == 303
        assert desk.ticket(code).state == "open"
        desk.transition(code, "reject", desk.ben, reason="duplicate", note="Twice.")
        assert send(ada, at(code, "/moves/reopen")).status_code == 409
        assert send(ada, at(code, "/moves/reopen"), note="It was none.").status_code == 303
        assert desk.ticket(code).state == "open"

    def test_a_move_on_an_old_page_shows_what_is_new_and_keeps_the_note(
        self, desk: Desk, ada: FlaskClient
    ) -> None:
        """The answer carries the present version: one more click applies to what it shows."""
        code = desk.order()
        form = fields(ada.get(at(code, "/moves/reject")).text)
        desk.claim(code, desk.ada)
        typed = {"reason": "spam", "note": "Sells watches."}
        refused = ada.post(at(code, "/moves/reject"), data=form | typed)
        assert refused.status_code == 409
        assert "has changed since you opened it. It's with Ada now." in words(refused.text)
        again = fields(refused.text) | {"reason": "spam"}
        assert again["note"] == "Sells watches."
        assert ada.post(at(code, "/moves/reject"), data=again).status_code == 303
        assert desk.ticket(code).state == "invalid"

    def test_what_the_state_forbids_is_said(self, desk: Desk, ada: FlaskClient) -> None:
        """A transition that is not possible now has a page that says so, and no button."""
        code = desk.order()
        page = ada.get(at(code, "/moves/close"))
        assert page.status_code == 409
        assert "“Close ticket” is not possible now. The ticket is “Open”." in words(page.text)
        refused = ada.post(at(code, "/moves/close"), data=fields(page.text))
        assert "“Close ticket” is not possible in the state “Open”." in words(refused.text)

    @pytest.mark.parametrize("name", ["fly", "%00", "claim%0a"])
    def test_an_unknown_move_is_not_found(self, desk: Desk, ada: FlaskClient, name: str) -> None:
        """Moves have the names of the workflow and no others."""
        assert ada.get(at(desk.order(), f"/moves/{name}")).status_code == 404

    @pytest.mark.parametrize("broken", [{"version": ""}, {"note": "\x07"}, {"note": "x" * 30_000}])
    def test_a_bad_form_keeps_what_was_typed(
        self, desk: Desk, ada: FlaskClient, broken: dict[str, str]
    ) -> None:
        """422, with the rest of the form as it was."""
        code = desk.order()
        answer = send(ada, at(code, "/moves/reject"), **({"reason": "spam", "note": "Kept."} | broken))
        assert answer.status_code == 422
        soup = BeautifulSoup(answer.text, "html.parser")
        assert soup.select_one("input[value=spam][checked]") is not None
        assert soup.select_one(".ps-summary") is not None


class TestWriting:
    """Emails to the customer."""

    @pytest.mark.row("G7")
    def test_the_first_contact_starts_from_a_draft(self, desk: Desk, ada: FlaskClient) -> None:
        """Code, recap, requirements, price, payment and open questions stand in it."""
        code = desk.order()
        desk.claim(code, desk.ada)
        draft = fields(ada.get(at(code, "/write")).text)["body"]
        for expected in (
            code,
            "A gallery for our club.",
            "https://gallery.example.com",
            "You've confirmed:",
            "USD 45.00",
            "PayPal: ada@example.org",
            "Before I start, please tell me:",
        ):
            assert expected in draft

    @pytest.mark.row("G7")
    def test_one_preview_then_it_leaves(self, desk: Desk, ada: FlaskClient) -> None:
        """The preview shows subject, recipient, text and footer; nothing is kept before it is sent."""
        code = desk.order()
        desk.claim(code, desk.ada)
        shown = send(ada, at(code, "/write"), action="preview")
        assert shown.status_code == 200
        email = words(str(BeautifulSoup(shown.text, "html.parser").select_one(".ps-letter")))
        for expected in ("jane@example.com", f"({code})", "I'm Ada", "Confirmation code:", "private link"):
            assert expected in email
        assert count(desk, Message) == 0
        sent = ada.post(at(code, "/write"), data=fields(shown.text) | {"action": "send"})
        assert sent.status_code == 303
        mail = next(mail for mail in desk.work() if mail["X-Paidsupport-Kind"] == "first-contact")
        assert "I'm Ada" in mail.as_string()
        assert "sent" in words(ada.get(at(code)).text)

    @pytest.mark.row("G7")
    @pytest.mark.parametrize("missing", ["code", "price", "payment"])
    def test_what_a_first_contact_must_say_is_asked_for(
        self, desk: Desk, ada: FlaskClient, missing: str
    ) -> None:
        """Without it: 422 at the field, with the text kept."""
        code = desk.order()
        desk.claim(code, desk.ada)
        parts = {"code": code, "price": "45.00", "payment": "PayPal: ada@example.org"}
        text = "Hello. " + ", ".join(value for name, value in parts.items() if name != missing)
        answer = send(ada, at(code, "/write"), body=text, action="send")
        assert answer.status_code == 422
        assert text in answer.text
        sentence = {"code": "confirmation code", "price": "Add the price", "payment": "Add how to pay"}[
            missing
        ]
        assert sentence in words(str(BeautifulSoup(answer.text, "html.parser").select_one("#body-error")))
        assert count(desk, Message) == 0

    def test_without_a_payment_line_the_profile_is_shown(self, desk: Desk, ada: FlaskClient) -> None:
        """Before and after sending, with a link that keeps the email open."""
        code = desk.order()
        desk.claim(code, desk.ada)
        with desk.ctx() as ctx:
            ctx.session.execute(update(Person).values(payment=""))
        page = ada.get(at(code, "/write"))
        assert f'href="{DESK}/profile" target="_blank"' in page.text
        answer = ada.post(at(code, "/write"), data=fields(page.text) | {"action": "send"})
        assert answer.status_code == 422
        assert "Say in your profile how customers pay you" in words(answer.text)

    @BOTH
    @pytest.mark.row("G6")
    def test_only_the_owner_writes(self, desk: Desk, ada: FlaskClient) -> None:
        """A person who lost the ticket while writing reads who has it, and keeps the text."""
        code = desk.order()
        desk.claim(code, desk.ada)
        form = fields(ada.get(at(code, "/write")).text) | {"body": "Dear Jane, half an hour of work."}
        desk.transition(code, "hand-over", desk.mia, colleague=desk.ben.id)
        for action in ("preview", "send"):
            answer = ada.post(at(code, "/write"), data=form | {"action": action})
            assert answer.status_code == 409
            assert "It's with Ben. Nothing was sent." in words(answer.text)
            assert "Dear Jane, half an hour of work." in answer.text
        assert ada.get(at(code, "/write")).status_code == 409
        assert count(desk, Message) == 0
        kept = ada.post(at(code, "/annotations"), data=fields(answer.text, "/annotations"))
        assert kept.status_code == 303

    @BOTH
    @pytest.mark.row("G6")
    def test_a_letter_of_a_lost_claim_does_not_leave_and_says_so(self, desk: Desk, ada: FlaskClient) -> None:
        """It is withdrawn with the claim, and the thread says why."""
        code = desk.order()
        desk.work()
        desk.claim(code, desk.ada)
        assert send(ada, at(code, "/write"), action="send").status_code == 303
        assert "Leaves in a moment" in words(ada.get(at(code)).text)
        desk.transition(code, "release", desk.mia)
        # Ada is told that it was taken from her, and the customer nothing
        assert [mail["Subject"] for mail in desk.work()] == [f"[{code}] Mia released it (Pending → Open)"]
        assert "Not sent: The claim ended before it was sent." in words(ada.get(at(code)).text)

    def test_a_claim_that_was_lost_and_taken_again_is_another_one(self, desk: Desk, ada: FlaskClient) -> None:
        """The email is not sent under the wrong claim; sent once more it is."""
        code = desk.order()
        desk.claim(code, desk.ada)
        form = fields(ada.get(at(code, "/write")).text) | {"action": "send"}
        desk.transition(code, "release", desk.ada)
        desk.claim(code, desk.ada)
        refused = ada.post(at(code, "/write"), data=form)
        assert refused.status_code == 409
        assert "hold a newer one" in words(refused.text)
        again = ada.post(at(code, "/write"), data=fields(refused.text) | {"action": "send"})
        assert again.status_code == 303

    @BOTH
    def test_nothing_is_sent_over_a_thread_that_went_on(self, desk: Desk, ada: FlaskClient) -> None:
        """The new part is shown with the text kept; one click sends it all the same."""
        code = desk.in_progress(desk.ada)
        form = fields(ada.get(at(code, "/write")).text) | {"body": "I begin now.", "action": "send"}
        desk.receive(code, "Please wait until Friday!")
        refused = ada.post(at(code, "/write"), data=form)
        assert refused.status_code == 409
        assert "Please wait until Friday!" in words(refused.text)
        assert "I'm Ada" not in words(
            str(BeautifulSoup(refused.text, "html.parser").select_one(".ps-thread"))
        )
        again = fields(refused.text)
        assert again["body"] == "I begin now."
        assert ada.post(at(code, "/write"), data=again | {"action": "send"}).status_code == 303

    @BOTH
    def test_a_double_click_sends_one_letter(self, desk: Desk, ada: FlaskClient) -> None:
        """The same form again leads to the same page; with other text under the old key it is refused."""
        code = desk.in_progress(desk.ada)
        form = fields(ada.get(at(code, "/write")).text) | {"body": "Once.", "action": "send"}
        assert [ada.post(at(code, "/write"), data=form).status_code for _ in range(2)] == [303, 303]
        assert count(desk, Message) == 2
        other = ada.post(at(code, "/write"), data=form | {"body": "Twice."})
        assert other.status_code == 409
        assert "already sent with other content" in words(other.text)
        again = ada.post(at(code, "/write"), data=fields(other.text) | {"action": "send"})
        assert again.status_code == 303
        assert count(desk, Message) == 3

    def test_files_go_with_the_letter(self, desk: Desk, ada: FlaskClient) -> None:
        """They are on the page; files that were chosen before a preview are asked for again by name."""
        code = desk.in_progress(desk.ada)
        typed: dict[str, Any] = {"body": "See the plan.", "files": (BytesIO(b"plan"), "plan.txt")}
        shown = send(ada, at(code, "/write"), action="preview", **typed)
        assert "Choose these again: plan.txt" in words(shown.text)
        typed["files"] = (BytesIO(b"plan"), "plan.txt")
        assert send(ada, at(code, "/write"), action="send", **typed).status_code == 303
        assert "plan.txt (4 bytes)" in words(ada.get(at(code)).text).replace(" )", ")").replace("( ", "(")

    @pytest.mark.parametrize("broken", [{"claim": ""}, {"thread": "x"}, {"body": ""}, {"body": "a\x00b"}])
    def test_a_bad_form_sends_nothing(self, desk: Desk, ada: FlaskClient, broken: dict[str, str]) -> None:
        """422, and the form can be sent once it is right."""
        code = desk.in_progress(desk.ada)
        answer = send(ada, at(code, "/write"), **({"body": "Kept.", "action": "send"} | broken))
        assert answer.status_code == 422
        assert count(desk, Message) == 1
        again = fields(answer.text) | {"body": "Better.", "action": "send"}
        assert ada.post(at(code, "/write"), data=again).status_code == 303


class TestAnnotations:
    """Notes among ourselves."""

    @pytest.mark.row("G10")
    def test_anybody_of_the_desk_annotates_and_no_customer_sees_it(
        self, app: Flask, desk: Desk, ben: FlaskClient
    ) -> None:
        """Also on a colleague's ticket, and without changing its version."""
        code = desk.order()
        desk.claim(code, desk.ada)
        version = desk.ticket(code).version
        answer = send(ben, at(code), at(code, "/annotations"), body="Known to be difficult.")
        assert (answer.status_code, answer.location) == (303, at(code) + "#annotations")
        assert "Known to be difficult." in words(ben.get(at(code)).text)
        assert desk.ticket(code).version == version
        customer = app.test_client().get(f"/support/t/{desk.token(code)}")
        assert customer.status_code == 200
        assert "difficult" not in customer.text

    @pytest.mark.parametrize("body", ["", "  \n", "bell \x07", "x" * 20_001])
    def test_a_bad_one_keeps_what_was_typed(self, desk: Desk, ada: FlaskClient, body: str) -> None:
        """422 on the ticket's page, with the sentence at the field."""
        code = desk.order()
        answer = send(ada, at(code), at(code, "/annotations"), body=body)
        assert answer.status_code == 422
        assert BeautifulSoup(answer.text, "html.parser").select_one("#body-error") is not None
        assert body.strip()[:4] in answer.text
        assert count(desk, Annotation) == 0

    @BOTH
    def test_the_same_one_twice_is_one(self, desk: Desk, ada: FlaskClient) -> None:
        """A resent form annotates once; the key with another text is refused with the text kept."""
        code = desk.order()
        form = fields(ada.get(at(code)).text, "/annotations") | {"body": "Once."}
        assert [ada.post(at(code, "/annotations"), data=form).status_code for _ in range(2)] == [303, 303]
        other = ada.post(at(code, "/annotations"), data=form | {"body": "Twice."})
        assert other.status_code == 409
        again = fields(other.text, "/annotations")
        assert again["body"] == "Twice."
        assert ada.post(at(code, "/annotations"), data=again).status_code == 303
        assert count(desk, Annotation) == 2


@BOTH
class TestStuckLetters:
    """Emails that only a person can decide about."""

    def uncertain(self, desk: Desk) -> tuple[str, Email]:
        """A first contact of Ada's that may or may not have arrived."""
        code = desk.order()
        desk.work()
        desk.claim(code, desk.ada)
        email = desk.write(code, desk.ada)
        stick(desk, UnclearError("The line broke."))
        return code, email

    @pytest.mark.parametrize(
        ("decision", "state"), [("sent", "sent"), ("again", "queued"), ("withdrawn", "withdrawn")]
    )
    def test_the_owner_decides(self, desk: Desk, ada: FlaskClient, decision: str, state: str) -> None:
        """The next step says so; each decision does what it says, once."""
        code, email = self.uncertain(desk)
        page = ada.get(at(code))
        assert next_step(page.text).startswith("Next: decide about an email")
        assert "The line broke." in words(page.text)
        url = at(code, f"/letters/{email.reference}")
        form = fields(page.text, email.reference) | {"decision": decision}
        assert [ada.post(url, data=form).status_code for _ in range(2)] == [303, 303]
        with desk.ctx() as ctx:
            found = ctx.session.scalars(select(Email).where(Email.reference == email.reference)).one()
            assert found.state == state

    def test_others_cannot(self, desk: Desk, ben: FlaskClient) -> None:
        """They see the state and no buttons; what they send is refused."""
        code, email = self.uncertain(desk)
        page = ben.get(at(code)).text
        assert "The owner of the ticket or a manager decides." in words(page)
        data = {"csrf_token": csrf_token(ben, at(code)), "key": new_key(), "decision": "sent"}
        answer = ben.post(at(code, f"/letters/{email.reference}"), data=data)
        assert answer.status_code == 409
        assert "Only the owner or a manager can decide about this email." in words(answer.text)

    def test_the_outbox_lists_them(self, app: Flask, desk: Desk) -> None:
        """A manager decides there and comes back to it."""
        mia = sign_in(app, "mia")
        assert "No emails are stuck" in words(mia.get(f"{DESK}/outbox").text)
        code = desk.order()
        stick(desk, NotSentError("550 no such mailbox", permanent=True))
        page = mia.get(f"{DESK}/outbox").text
        assert "550 no such mailbox" in words(page)
        assert at(code) in page
        assert "It has arrived" not in words(page)
        url = BeautifulSoup(page, "html.parser").select_one('form[action*="/letters/"]')
        assert url is not None
        form = fields(page, str(url["action"])) | {"decision": "again"}
        answer = mia.post(str(url["action"]), data=form)
        assert (answer.status_code, answer.location) == (303, f"{DESK}/outbox")
        assert len(desk.work()) == 1

    @pytest.mark.parametrize(
        "changed", [{"decision": "eaten"}, {"reference": "unknown"}, {"reference": "%00"}]
    )
    def test_nonsense_is_not_found(self, desk: Desk, ada: FlaskClient, changed: dict[str, str]) -> None:
        """Decisions and emails have their names and no others."""
        code, email = self.uncertain(desk)
        data = {"csrf_token": csrf_token(ada, at(code)), "key": new_key(), "decision": "sent"} | changed
        reference = changed.get("reference", email.reference)
        assert ada.post(at(code, f"/letters/{reference}"), data=data).status_code == 404


@pytest.mark.row("P14")
def test_the_history_tells_who_did_what_and_when(desk: Desk, ada: FlaskClient) -> None:
    """Every line is there, oldest first, in words, with the beginning of its hash."""
    code = desk.in_progress(desk.ada)
    desk.receive(code, "Thank you.")
    desk.transition(code, "abandon", desk.ada, reason="backed-out", note="They changed their mind.")
    soup = BeautifulSoup(ada.get(at(code, "/history")).text, "html.parser")
    lines = [words(str(line)) for line in soup.select(".ps-history li")]
    with desk.ctx() as ctx:
        events = ctx.session.scalars(
            select(Event).join(Ticket).where(Ticket.code == code).order_by(Event.number)
        ).all()
        assert len(lines) == len(events)
        assert all(event.hash[:10] in line for event, line in zip(events, lines, strict=True))
        assert all(f"{event.at:%H:%M} UTC" in line for event, line in zip(events, lines, strict=True))
    told = " | ".join(lines)
    for expected in (
        "The customer ordered it",
        "Ada claimed it (Open → Pending)",
        "Ada wrote the first contact",
        "The first contact was sent",
        "Ada started work (Pending → In progress)",
        "The customer wrote",
        "Ada abandoned it: The customer backed out (In progress → Abandoned)",
    ):
        assert expected in told
    assert told.index("ordered") < told.index("claimed") < told.index("abandoned")


@pytest.mark.row("G11")
def test_a_claim_that_rests_too_long_lapses_before_everybodys_eyes(desk: Desk, ada: FlaskClient) -> None:
    """The page says when it lapses, and afterwards that it did."""
    code = desk.order()
    desk.claim(code, desk.ada)
    assert "Claim lapses in 2 days" in words(ada.get(at(code)).text)
    desk.clock.forward(hours=49)
    desk.work()
    page = ada.get(at(code)).text
    assert next_step(page).startswith("This ticket has no owner yet")
    assert "The claim lapsed (Pending → Open)" in words(ada.get(at(code, "/history")).text)


class TestBoilerplate:
    """Texts to start from."""

    @pytest.mark.row("G20")
    def test_a_text_is_written_used_changed_and_deleted(self, desk: Desk, ada: FlaskClient) -> None:
        """Its placeholders are filled in where an email starts from it."""
        text = {"title": "Limits", "body": "Dear {customer}, {code} costs {price}. {developer} {payment}"}
        made = send(ada, f"{DESK}/boilerplate/new", shared="y", **text)
        assert (made.status_code, made.location) == (303, f"{DESK}/boilerplate")
        with desk.ctx() as ctx:
            row = ctx.session.scalars(select(Boilerplate).where(Boilerplate.title == "Limits")).one()
        code = desk.in_progress(desk.ada)
        filled = f"Dear Jane Doe, {code} costs USD 45.00. Ada PayPal: ada@example.org"
        page = ada.get(at(code, f"/write?boilerplate={row.id}")).text
        assert filled in fields(page)["body"]
        typed = {"body": "Typed before.", "action": "insert", "boilerplate": str(row.id)}
        joined = fields(send(ada, at(code, "/write"), **typed).text)["body"]
        assert joined == f"Typed before.\n\n{filled}"
        one = f"{DESK}/boilerplate/{row.id}"
        assert send(ada, one, title="All limits").status_code == 303
        listed = words(ada.get(f"{DESK}/boilerplate").text)
        assert "All limits" in listed
        dropped = ada.post(f"{one}/drop", data=fields(ada.get(one).text, "/drop"))
        assert dropped.status_code == 303
        assert ada.get(one).status_code == 404

    @pytest.mark.row("G20")
    def test_a_personal_text_is_nobody_elses(self, desk: Desk, ada: FlaskClient, ben: FlaskClient) -> None:
        """It is listed for its owner alone, and its address leads others nowhere."""
        assert send(ada, f"{DESK}/boilerplate/new", title="Mine", body="Hm.").status_code == 303
        with desk.ctx() as ctx:
            row = ctx.session.scalars(select(Boilerplate).where(Boilerplate.title == "Mine")).one()
        one = f"{DESK}/boilerplate/{row.id}"
        assert "Mine" in words(ada.get(f"{DESK}/boilerplate").text)
        assert "Mine" not in words(ben.get(f"{DESK}/boilerplate").text)
        assert ben.get(one).status_code == 404
        data = fields(ada.get(one).text, "/drop") | {"csrf_token": csrf_token(ben, f"{DESK}/profile")}
        assert ben.post(f"{one}/drop", data=data).status_code == 404

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"title": "", "body": "x"}, "Enter a title"),
            ({"title": "a", "body": ""}, "Write the text."),
            ({"title": "a", "body": "{custmer}"}, "{custmer} isn't a placeholder."),
            ({"title": "a\u202eb", "body": "x"}, "hidden characters"),
            ({"title": "a" * 201, "body": "x"}, "201"),
        ],
    )
    def test_a_bad_text_is_refused_at_its_field(
        self, ada: FlaskClient, typed: dict[str, str], sentence: str
    ) -> None:
        """422, and what was typed stays."""
        answer = send(ada, f"{DESK}/boilerplate/new", **typed)
        assert answer.status_code == 422
        assert sentence in words(answer.text)
        assert fields(answer.text)["body"] == typed["body"]

    @BOTH
    def test_a_form_sent_twice_makes_one_text(self, desk: Desk, ada: FlaskClient) -> None:
        """Double clicks happen."""
        form = fields(ada.get(f"{DESK}/boilerplate/new").text) | {"title": "Once", "body": "x"}
        before = count(desk, Boilerplate)
        assert [ada.post(f"{DESK}/boilerplate/new", data=form).status_code for _ in range(2)] == [303, 303]
        assert count(desk, Boilerplate) == before + 1

    def test_template_syntax_is_text(self, desk: Desk, ada: FlaskClient) -> None:
        """Nothing that people type is run."""
        body = "{{ 7*7 }} {% raw %} %(x)s {code.__class__}"
        assert send(ada, f"{DESK}/boilerplate/new", title="Odd", body=body).status_code == 303
        with desk.ctx() as ctx:
            row = ctx.session.scalars(select(Boilerplate).where(Boilerplate.title == "Odd")).one()
        code = desk.in_progress(desk.ada)
        assert body in fields(ada.get(at(code, f"/write?boilerplate={row.id}")).text)["body"]

    @BOTH
    @pytest.mark.parametrize("number", ["0", "999999", "9" * 40, "x", "-1"])
    def test_an_unknown_number_is_not_found(self, ada: FlaskClient, number: str) -> None:
        """However large."""
        assert ada.get(f"{DESK}/boilerplate/{number}").status_code == 404


class TestProfile:
    """What people say about themselves."""

    @pytest.mark.row("G7")
    def test_the_payment_line_goes_into_the_next_first_contact(self, desk: Desk, ada: FlaskClient) -> None:
        """It is this very developer's."""
        answer = send(ada, f"{DESK}/profile", email="ada@example.net", payment="IBAN DE02 1203")
        assert answer.status_code == 303
        code = desk.order()
        desk.claim(code, desk.ada)
        assert "IBAN DE02 1203" in fields(ada.get(at(code, "/write")).text)["body"]

    @pytest.mark.parametrize(
        "email", ["", "nonsense", "a@b", "a@example.org\r\nBcc: b@example.org", "a b@c.de"]
    )
    def test_a_bad_address_is_refused(self, desk: Desk, ada: FlaskClient, email: str) -> None:
        """422 at the field, with the payment line kept."""
        answer = send(ada, f"{DESK}/profile", email=email, payment="PayPal: new")
        assert answer.status_code == 422
        soup = BeautifulSoup(answer.text, "html.parser")
        assert soup.select_one("#email-error") is not None
        assert soup.select_one('#payment[value="PayPal: new"]') is not None
        with desk.ctx() as ctx:
            person = ctx.session.get_one(Person, desk.ada.id)
            assert (person.email, person.payment) == ("ada@example.org", "PayPal: ada@example.org")


def test_no_page_writes_on_get(desk: Desk, ada: FlaskClient, app: Flask) -> None:
    """Link scanners and prefetching browsers change nothing."""
    code = desk.in_progress(desk.ada)
    before = desk.ticket(code)
    for rest in ("", "/write", "/history", *(f"/moves/{transition.name}" for transition in PAID.transitions)):
        assert ada.get(at(code, rest)).status_code in {200, 409}
    after = desk.ticket(code)
    assert (before.version, before.event_hash) == (after.version, after.event_hash)
    assert ada.get(at(code, "/claim")).location == at(code)
    assert mount_of(app).settings.url_prefix == "/support"
