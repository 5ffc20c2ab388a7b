"""Every setting of managers is used by a web process and a worker that run already (P10)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from email.utils import parseaddr
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from paidsupport.connect.webhooks import operations as webhooks
from paidsupport.issues.operations import analysis
from paidsupport.issues.operations import privacy as watch
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration import choosing
from paidsupport.kernel.configuration.managed import SETTINGS
from paidsupport.kernel.configuration.present import Present
from paidsupport.kernel.configuration.sealing import opener
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, TooManyError
from paidsupport.kernel.files import Upload, keep
from paidsupport.kernel.worker import Worker
from paidsupport.sales.invoices import queries as invoices
from paidsupport.testing import mount_of, worker_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.ordering import operations as submissions
from tests.connect.webhooks.receivers import Site
from tests.intake.mail.incoming import deliver, mail
from tests.people import ORDER, Desk, sign_in

pytestmark = pytest.mark.row("P10")


@dataclass
class Living:
    """A desk that runs: a browser, a worker, and what a test may bend."""

    desk: Desk
    worker: Worker
    receiver: Site
    bend: pytest.MonkeyPatch

    @property
    def app(self) -> Flask:
        """Its application."""
        return self.desk.app

    def page(self, address: str, name: str = "") -> BeautifulSoup:
        """A page, as a visitor or a person sees it."""
        client = sign_in(self.app, name) if name else self.app.test_client()
        return BeautifulSoup(client.get(address).text, "html.parser")

    def words(self, address: str, name: str = "") -> str:
        """What stands on a page."""
        return " ".join(self.page(address, name).get_text(" ").split())

    def mails(self) -> list[Any]:
        """The emails that the worker sends now."""
        before = len(self.desk.transport.sent)
        self.worker.once()
        return self.desk.transport.sent[before:]

    @contextmanager
    def elsewhere(self) -> Iterator[Context]:
        """A manager in another process, which tells this one nothing."""
        mount = mount_of(self.app)
        services = mount.services
        other = Present(services.present.configured, lambda *_: None, opener(services.links))
        with self.app.app_context(), mount.database.writing() as session:
            yield Context(replace(services, present=other, edition=0), session, self.desk.mia, mount.clock())


def spoken(living: Living) -> str:
    """The language of a page; it is chosen before anything is looked up."""
    client = living.app.test_client()
    client.get("/support/")
    return client.get("/support/").headers["Content-Language"]


def orders(living: Living, **order: Any) -> int:  # noqa: ANN401  # fields of an Order
    """How many of two orders from one network address are taken."""
    client, taken = new_key(), 0
    for _ in range(2):
        with living.desk.ctx() as ctx:
            try:
                submissions.submit(ctx, replace(ORDER, key=new_key(), **order), client=client)
            except TooManyError:
                continue
            taken += 1
    return taken


def orders_to_one_address(living: Living) -> int:
    """How many of two orders with one email address are taken."""
    taken, address = 0, f"{new_key()[:8]}@example.com"
    for _ in range(2):
        try:
            living.desk.order(email=address)
        except TooManyError:
            continue
        taken += 1
    return taken


def lookups(living: Living) -> int:
    """The last answer to two questions after a code from one network address."""
    client = living.app.test_client()
    where = {"REMOTE_ADDR": f"192.0.2.{len(new_key()) + int(living.desk.clock.now.timestamp()) % 200}"}
    for _ in range(2):
        page = BeautifulSoup(client.get("/support/verify", environ_base=where).text, "html.parser")
        data = {str(each["name"]): str(each.get("value", "")) for each in page.select("form input[name]")}
        data["code"] = "PS-2222-2222"
        answer = client.post("/support/verify", data=data, environ_base=where)
    return answer.status_code


def acknowledgements(living: Living) -> int:
    """How many of two people who write for the first time get an answer."""
    living.desk.clock.forward(hours=2)
    for _ in range(2):
        deliver(living.desk, mail("Hello?", From=f"{new_key()[:8]}@example.net"))
    return len([each for each in living.mails() if each["To"].addresses[0].domain == "example.net"])


def private_page(living: Living) -> bool:
    """Whether the page of a customer is open two days after the end."""
    code = living.desk.order()
    living.desk.transition(code, "reject", living.desk.mia, reason="spam", note="x")
    living.desk.clock.forward(days=2)
    return living.app.test_client().get(f"/support/t/{living.desk.token(code)}").status_code == 200


def gap_page(living: Living) -> str:
    """What the page about missing documentation says."""
    return living.words("/support/desk/gaps", "mia")


def lease(living: Living, *, started: bool) -> float:
    """The hours of a claim that begins now."""
    desk = living.desk
    code = desk.in_progress(desk.ada) if started else desk.order()
    if not started:
        desk.claim(code, desk.ada)
    until = desk.ticket(code).lease_until
    assert until is not None
    return (until - desk.clock.now) / timedelta(hours=1)


def feedback(living: Living) -> float:
    """The working minutes until feedback on an issue is due."""
    desk = living.desk
    code = desk.open_issue(desk.mia)
    with desk.ctx(desk.mia) as ctx:
        analysis.ask(ctx, code, desk.ben.id, 1, "", version=1, key=new_key())
    due = desk.issue(code).feedback_due_at
    assert due is not None
    with living.worker.reading() as ctx:
        return ctx.services.hours.between(desk.clock.now, due)


def sent(living: Living, line: str) -> str:
    """A line of the email after an order, as the worker sends it; without the token of the ticket."""
    living.desk.order()
    _name, address = parseaddr(str(living.mails()[-1][line]))
    mailbox, _, domain = address.partition("@")
    return f"{mailbox.partition('+')[0]}@{domain}"


def uploads(living: Living, number: int, megabytes: int) -> bool:
    """Whether files of this size can be kept."""
    with living.desk.ctx() as ctx:
        content = b"x" * (megabytes * 1024 * 1024)
        try:
            keep(ctx, [Upload(f"{each}.txt", len(content), io.BytesIO(content)) for each in range(number)])
        except InvalidInputError:
            return False
    return True


def kept_since(living: Living) -> date:
    """From which day on the worker keeps invoices."""
    seen: list[date] = []
    real = invoices.has_outlived

    def has_outlived(session: Session, first: date) -> bool:
        seen.append(first)
        return real(session, first)

    living.bend.setattr(invoices, "has_outlived", has_outlived)
    living.worker.round()
    return seen[-1]


def hits(living: Living, secret: str = "") -> bool:
    """Whether the worker tells the receiver of an event, and signs it with a secret."""
    before, desk = len(living.receiver.hits), living.desk
    code = desk.order()
    with desk.ctx() as ctx:
        webhooks.tell(ctx, tickets.lock(ctx.session, code), "cascade", {"told": []})
    living.worker.once()
    found = living.receiver.hits[before:]
    if not secret or not found:
        return bool(found)
    said = (
        f"{found[0].headers['webhook-id']}.{found[0].headers['webhook-timestamp']}.".encode() + found[0].body
    )
    right = base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest()).decode()
    return found[0].headers["webhook-signature"] == f"v1,{right}"


def host_is_kept(living: Living) -> bool:
    """Whether an issue may point to a host."""
    with living.desk.ctx(living.desk.ada) as ctx:
        return "wiki.example.net" in watch._known(ctx, []).public_hosts


def in_worker(living: Living, look: Callable[[Context], object]) -> object:
    """What the clock sees."""
    living.worker.tell()
    with living.worker.reading() as ctx:
        return look(ctx)


@dataclass(frozen=True)
class Shown:
    """How a setting shows: what is typed, what is looked at, and what is seen once it holds."""

    typed: str | Mapping[str, str]
    look: Callable[[Living], object]
    seen: object = True


def week(ctx: Context) -> int:
    """The working minutes of the week ahead."""
    return ctx.services.hours.between(ctx.now, ctx.now + timedelta(days=7))


HOOK = {"webhook_url": "http://127.0.0.1:{port}/", "webhook_secret": "tulip-Field-9"}
SHOWN: dict[str, Shown] = {
    "name": Shown("Elsewhere", lambda at: "Elsewhere" in at.words("/support/")),
    "languages": Shown("de", spoken, "de"),
    "ratings": Shown("no", lambda at: any("rating=" in str(each) for each in _farewell(at)), seen=False),
    "time_zone": Shown(
        "Pacific/Auckland", lambda at: "Pacific/Auckland" in at.words("/support/desk/roster", "mia")
    ),
    "working_hours": Shown("always", lambda at: in_worker(at, week), 7 * 24 * 60),
    "holidays": Shown(
        "DE", lambda at: in_worker(at, lambda ctx: date(2034, 10, 3) in ctx.services.hours.holidays)
    ),
    "closed_days": Shown(
        "2034-10-04 to 2034-10-06",
        lambda at: in_worker(at, lambda ctx: date(2034, 10, 5) in ctx.services.hours.holidays),
    ),
    "orders_per_hour": Shown("1", orders, 1),
    "lookups_per_hour": Shown("1", lookups, 429),
    "automatic_mails_per_hour": Shown("1", orders_to_one_address, 1),
    "acknowledgements_per_hour": Shown("1", acknowledgements, 1),
    "link_days": Shown("1", private_page, seen=False),
    "gap_unhappy": Shown("7", lambda at: "didn't help 7 times" in gap_page(at)),
    "gap_repeated": Shown("9", lambda at: "the same question came 9 times" in gap_page(at)),
    "claim_hours": Shown("7", lambda at: lease(at, started=False), 7),
    "work_hours": Shown("70", lambda at: lease(at, started=True), 70),
    "cascade": Shown(
        "", lambda at: "isn't claimed within" in at.words("/support/desk/roster", "mia"), seen=False
    ),
    "cascade_minutes": Shown(
        "17", lambda at: "within 17 working minutes" in at.words("/support/desk/roster", "mia")
    ),
    "feedback_hours": Shown("3", feedback, 180),
    "mail_from": Shown("desk@example.net", lambda at: sent(at, "From"), "desk@example.net"),
    "mail_reply_to": Shown("back@example.net", lambda at: sent(at, "Reply-To"), "back@example.net"),
    "file_megabytes": Shown("1", lambda at: uploads(at, 1, 2), seen=False),
    "files_at_once": Shown("1", lambda at: uploads(at, 2, 0), seen=False),
    "ticket_megabytes": Shown("1", lambda at: uploads(at, 2, 1), seen=False),
    "seller": Shown(
        {"seller_city": "Hamburg"},
        lambda at: in_worker(at, lambda ctx: ctx.services.settings.seller.city),  # type: ignore[union-attr]
        "Hamburg",
    ),
    "invoices_kept_years": Shown("2", kept_since, date(2032, 1, 1)),
    "webhook_url": Shown(HOOK, hits),
    "webhook_secret": Shown(
        {**HOOK, "webhook_secret": "another-Field-8"}, lambda at: hits(at, "another-Field-8")
    ),
    "public_hosts": Shown("wiki.example.net", host_is_kept),
}


def _farewell(living: Living) -> list[Any]:
    code = living.desk.in_progress(living.desk.ada, email=f"{new_key()[:8]}@example.com")
    living.desk.finish(code, living.desk.ada)
    return living.mails()


@pytest.fixture
def living(lite_app: Flask, lite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Living]:
    """A desk whose worker and pages are at work already."""
    lite_desk.hush()
    with Site() as receiver:
        settings = mount_of(lite_app).services.present.configured
        object.__setattr__(settings, "webhook_private", True)  # a frozen one
        worker = worker_of(lite_app)
        worker.once()
        yield Living(lite_desk, worker, receiver, monkeypatch)


def test_there_is_a_way_to_see_each_setting() -> None:
    """A new one needs a line in the table."""
    assert set(SHOWN) == set(SETTINGS)


@pytest.mark.parametrize("name", SHOWN)
def test_a_change_made_elsewhere_is_used_within_seconds(living: Living, name: str) -> None:
    """Set in another process while a worker and pages run here: nothing is copied at the start."""
    shown = SHOWN[name]
    port = living.receiver.url.rsplit(":", 1)[1].rstrip("/").split("/")[0]
    typed = {name: shown.typed} if isinstance(shown.typed, str) else dict(shown.typed)
    typed = {each: text.replace("{port}", port) for each, text in typed.items()}
    if name == "webhook_secret":
        with living.elsewhere() as ctx:
            choosing.choose(ctx, {**typed, name: "tulip-Field-9"})
        living.desk.clock.forward(seconds=2)
    assert shown.look(living) != shown.seen
    with living.elsewhere() as ctx:
        assert name in choosing.choose(ctx, typed)
    living.desk.clock.forward(seconds=2)
    assert shown.look(living) == shown.seen


def test_the_languages_hold_for_the_answer_that_follows(living: Living) -> None:
    """The page after a change is in a language that is spoken then, and so is the first page elsewhere."""
    german = sign_in(living.app, "mia")
    german.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    address = "/support/desk/setup/settings/name"

    def lang() -> str:
        return german.get(address).headers["Content-Language"]

    assert lang() == "de"
    page = BeautifulSoup(german.get(address).text, "html.parser")
    typed = {str(each["name"]): str(each.get("value", "")) for each in page.select("form input[name]")}
    assert german.post(address, data={**typed, "languages": "en"}).status_code == 303
    assert lang() == "en"
    with living.elsewhere() as ctx:
        choosing.choose(ctx, {"languages": "de, en"})
    living.desk.clock.forward(seconds=2)
    assert lang() == "de"


def test_who_looks_while_a_change_is_committed_looks_again(living: Living) -> None:
    """A page drawn between the change and its commit does not keep what was before for two seconds."""
    with living.desk.ctx(living.desk.mia) as ctx:
        choosing.choose(ctx, {"name": "Elsewhere"})
        assert "Elsewhere" not in living.words("/support/")
    assert "Elsewhere" in living.words("/support/")


def test_a_larger_file_is_taken_at_once(living: Living) -> None:
    """Also where the first request after the change is the one with the file."""
    page = BeautifulSoup(living.app.test_client().get("/support/order/installation").text, "html.parser")
    assert page.select_one("input[type=file]")
    with living.elsewhere() as ctx:
        choosing.choose(ctx, {"files_at_once": "1", "file_megabytes": "1"})
    living.desk.clock.forward(seconds=2)
    file = {"files": (io.BytesIO(b"x" * 6 * 1024 * 1024), "large.txt")}
    answer = living.app.test_client().post("/support/order/installation", data=file)
    assert answer.status_code == 413
    assert "at most 1 file of up to 1 MB" in answer.text
