"""Mailboxes on a real IMAP server: each new mail is taken once, whatever happens meanwhile (P4)."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from paidsupport.intake.mail import fetch, inbound, parse
from paidsupport.intake.mail.fetch import MailboxError, addresses
from paidsupport.kernel.errors import ConfigurationError, StorageFullError
from paidsupport.kernel.mail.transports import MemoryTransport
from paidsupport.kernel.worker import Worker
from paidsupport.settings import Settings
from paidsupport.testing import mount_of
from paidsupport.tickets.received.tables import Mailbox
from paidsupport.tickets.tables import Ticket
from tests.conftest import guard
from tests.intake.mail.dovecot import PASSWORD, Dovecot, find_dovecot
from tests.intake.mail.incoming import answer, contacted, mail, mails, thread
from tests.people import Desk

pytestmark = pytest.mark.row("P4")

OLD = 50_000


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    """A running server."""
    if find_dovecot() is None:
        guard("dovecot", "apt-get install dovecot-imapd")
    with Dovecot() as dovecot:
        yield dovecot


@pytest.fixture
def user() -> str:
    """A user with an empty mailbox."""
    return uuid.uuid4().hex


class Box:
    """One mailbox that a desk reads."""

    def __init__(self, desk: Desk, server: Dovecot, user: str, query: str = "purpose=support") -> None:
        self.desk, self.server, self.user = desk, server, user
        self.address = addresses(server.url(user, query))[0]

    def fetch(self) -> int:
        """One round of one worker."""
        mount = mount_of(self.desk.app)
        with self.desk.app.app_context():
            return fetch.fetch(mount.by_clock, self.address)

    def append(self, *made: EmailMessage) -> None:
        """New mail arrives."""
        self.server.append(self.user, *(one.as_bytes() for one in made))

    def seen(self) -> list[bool]:
        """Which mails are marked as read, oldest first."""
        with self.server.open(self.user) as box:
            return ["\\Seen" in each.flags for each in box.fetch(mark_seen=False)]


@pytest.fixture
def box(desk: Desk, server: Dovecot, user: str) -> Box:
    """A mailbox that was connected to once already, when it was empty."""
    opened = Box(desk, server, user)
    assert opened.fetch() == 0
    return opened


def test_new_mail_is_taken_once_and_marked_as_read(box: Box) -> None:
    """The answer is on its ticket, with the purpose of the mailbox; the next check finds nothing."""
    code, email = contacted(box.desk)
    box.append(answer(email), mail("Something new."))
    assert box.fetch() == 2
    assert box.fetch() == 0
    assert thread(box.desk, code) == ["Yes, please."]
    assert [(row.state, row.purpose) for row in mails(box.desk)] == [
        ("filed", "support"),
        ("filed", "support"),
    ]
    assert len({row.ticket_id for row in mails(box.desk)}) == 2
    assert box.seen() == [True, True]
    box.append(mail("One more."))
    assert box.fetch() == 1
    assert box.desk.broken() == {}


def test_a_first_connection_takes_nothing_of_fifty_thousand(lite_desk: Desk, user: str) -> None:
    """People have read them; what comes after is new. Nothing of the old is touched."""
    if find_dovecot() is None:
        guard("dovecot", "apt-get install dovecot-imapd")
    with Dovecot(mbox=True) as own:
        old = "From a@example.com Tue Mar 14 10:00:00 2034\nFrom: a@example.com\nSubject: old\n\nOld.\n\n"
        folder = own.folder / "mail" / user
        folder.mkdir(parents=True)
        (folder / "inbox").write_text(old * OLD)
        for path in (folder.parent, folder, folder / "inbox"):
            own.give(path)
        box = Box(lite_desk, own, user)
        assert box.fetch() == 0
        with lite_desk.ctx() as ctx:
            # what people have read long ago becomes no request, and nobody is written to
            assert ctx.session.scalars(select(Ticket)).all() == []
        assert lite_desk.work() == []
        box.append(mail("New."))
        assert box.fetch() == 1
        assert [row.text for row in mails(lite_desk)] == ["New."]
        with lite_desk.ctx() as ctx:
            assert [ticket.summary for ticket in ctx.session.scalars(select(Ticket))] == ["A question"]
        with own.open(user) as opened:
            assert (len(opened.uids()), len(opened.uids("SEEN"))) == (OLD + 1, 1)


def test_two_workers_on_one_mailbox_take_each_mail_once(box: Box) -> None:
    """At the same time, again and again: nothing is left and nothing is doubled."""
    code, email = contacted(box.desk)
    box.append(*(answer(email, f"Number {number}.") for number in range(15)))
    taken: list[int] = []

    def work() -> None:
        taken.extend(box.fetch() for _ in range(3))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert sum(taken) == 15
    assert sorted(thread(box.desk, code)) == sorted(f"Number {number}." for number in range(15))


def test_a_worker_without_a_lease_doubles_nothing(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even two that do not know of each other: the mails themselves are unique."""
    box.append(*(mail(f"Number {number}.") for number in range(5)))
    assert box.fetch() == 5
    with box.desk.ctx() as ctx:
        row = ctx.session.scalars(select(Mailbox)).one()
        row.last_uid = 0
    assert box.fetch() == 0
    assert len(mails(box.desk)) == 5


def test_a_server_killed_while_fetching_costs_no_mail(
    lite_desk: Desk, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the fourth of ten mails is committed and before it is marked; the rest comes when it is back."""
    if find_dovecot() is None:
        guard("dovecot", "apt-get install dovecot-imapd")
    with Dovecot() as own:
        box = Box(lite_desk, own, user)
        box.fetch()
        box.append(*(mail(f"Number {number}.") for number in range(10)))
        take_in, count = inbound.take_in, 0

        def take_and_kill(*args: object, **more: object) -> inbound.Taken:
            nonlocal count
            taken = take_in(*args, **more)  # type: ignore[arg-type]  # handed on as it came
            count += 1
            if count == 4:
                own.kill()
            return taken

        with monkeypatch.context() as patched:
            patched.setattr(inbound, "take_in", take_and_kill)
            with pytest.raises(MailboxError):
                box.fetch()
        with pytest.raises(MailboxError):
            box.fetch()
        own.start()
        assert box.fetch() == 6
        assert [row.text for row in mails(lite_desk)] == [f"Number {number}." for number in range(10)]


def test_what_could_not_be_kept_is_fetched_again(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: nothing is marked, nothing is skipped."""
    box.append(mail("One."), mail("Two."))

    def full(*_: object, **__: object) -> None:
        raise StorageFullError

    with monkeypatch.context() as patched:
        patched.setattr(inbound, "take_in", full)
        with pytest.raises(StorageFullError):
            box.fetch()
    assert box.seen() == [False, False]
    assert box.fetch() == 2


def test_a_server_that_counts_anew_brings_nothing_twice(box: Box) -> None:
    """Its numbers are void; mails of the last days are looked at again and known, new ones are taken."""
    box.desk.clock.now = box.desk.clock.now.fromtimestamp(time.time(), tz=box.desk.clock.now.tzinfo)
    box.fetch()
    box.append(mail("One."), mail("Two."))
    assert box.fetch() == 2
    before = _validity(box)
    time.sleep(1.1)  # the server names its numbering by the second
    for path in (box.server.folder / "mail" / box.user).glob("dovecot*"):
        path.unlink()
    box.append(mail("Three."))
    assert box.fetch() == 1
    assert _validity(box) != before
    assert box.fetch() == 0
    assert [row.text for row in mails(box.desk)] == ["One.", "Two.", "Three."]


def _validity(box: Box) -> int | None:
    with box.desk.ctx() as ctx:
        return ctx.session.scalars(select(Mailbox)).one().uid_validity


def test_many_new_mails_come_in_parts(lite_desk: Desk, server: Dovecot, user: str) -> None:
    """With more than a batch, the next check goes on where this one ended."""
    box = Box(lite_desk, server, user)
    box.fetch()
    box.append(
        *(mail(f"Number {number}.", From=f"{number}@example.com") for number in range(fetch.BATCH + 3))
    )
    assert (box.fetch(), box.fetch(), box.fetch()) == (fetch.BATCH, 3, 0)


def test_kept_mails_can_be_moved(lite_desk: Desk, server: Dovecot, user: str) -> None:
    """Into the folder the address names, once they are kept."""
    box = Box(lite_desk, server, user, "purpose=sales&move=Done")
    box.fetch()
    with server.open(user) as opened:
        opened.folder.create("Done")
    box.append(mail("One."))
    assert box.fetch() == 1
    assert box.seen() == []
    with server.open(user) as opened:
        opened.folder.set("Done")
        assert len(opened.uids()) == 1
    assert mails(lite_desk)[0].purpose == "sales"


def test_of_a_mail_that_is_too_large_the_header_is_taken(
    lite_desk: Desk, server: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays in its mailbox, and the desk says so."""
    box = Box(lite_desk, server, user)
    box.fetch()
    made = mail("Large.", Subject="A film")
    made.add_attachment(b"x" * 100_000, maintype="video", subtype="mp4", filename="film.mp4")
    box.append(made)
    monkeypatch.setattr(parse, "SIZE_LIMIT", 50_000)
    assert box.fetch() == 1
    row = mails(lite_desk)[0]
    assert row.subject == "A film"
    assert "still in its mailbox" in row.text


def test_a_wrong_password_is_told_without_it(lite_desk: Desk, server: Dovecot, user: str) -> None:
    """What goes into a log names the mailbox, and no secret."""
    address = addresses(f"imap://{user}:wrong%20password@127.0.0.1:{server.port}/INBOX")[0]
    mount = mount_of(lite_desk.app)
    with lite_desk.app.app_context(), pytest.raises(MailboxError) as failed:
        fetch.fetch(mount.by_clock, address)
    assert user in str(failed.value)
    assert "wrong password" not in str(failed.value)
    assert "wrong password" not in repr(address)
    with lite_desk.ctx() as ctx:
        row = ctx.session.scalars(select(Mailbox)).one()
        assert (row.busy_until, PASSWORD in row.name) == (None, False)


def test_a_silent_mailbox_delays_no_letter(lite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up after its time; meanwhile emails leave."""
    monkeypatch.setattr(fetch, "TIMEOUT", 5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        mount = mount_of(lite_desk.app)
        object.__setattr__(mount.settings, "mailboxes", f"imap://a:b@127.0.0.1:{port}/INBOX")  # frozen
        stop, left, transport = threading.Event(), threading.Event(), MemoryTransport()

        def send(mail: EmailMessage) -> None:
            transport.sent.append(mail)
            left.set()

        monkeypatch.setattr(transport, "send", send)
        with lite_desk.app.app_context():
            services = mount.services
        worker = Worker(services, mount.database, transport, lite_desk.clock, stop)
        running = threading.Thread(target=worker.run)
        running.start()
        with silent.accept()[0] as asked:
            lite_desk.order()
            assert left.wait(120)
            asked.settimeout(0)
            with pytest.raises(BlockingIOError):  # it is still waited for
                asked.recv(1)
            stop.set()
            running.join(120)
        assert not running.is_alive()
        assert len(transport.sent) == 1


def test_a_worker_fetches_and_files(lite_desk: Desk, server: Dovecot, user: str) -> None:
    """`worker --once` reads every mailbox, and an unreachable one does not keep it from the others."""
    mount = mount_of(lite_desk.app)
    both = f"imap://a:b@127.0.0.1:1/INBOX, {server.url(user)}"
    object.__setattr__(mount.settings, "mailboxes", both)  # a frozen setting
    code, email = contacted(lite_desk)
    server.append(user, answer(email).as_bytes())
    lite_desk.work()
    assert thread(lite_desk, code) == ["Yes, please."]


@pytest.mark.parametrize(
    "wrong",
    [
        "support@example.org",
        "pop3://a:b@example.org/",
        "imaps://example.org/INBOX",
        "imaps://a:b@x/INBOX?to=x",
        "imap://a:b@x/INBOX?starttls=1",
        "starttls+imap://a:b@x/INBOX",
    ],
)
def test_a_wrong_setting_is_told(wrong: str) -> None:
    """With an example of a right one, and without the password."""
    with pytest.raises(ConfigurationError, match="PAIDSUPPORT_MAILBOXES"):
        addresses(wrong)


def test_an_address_is_read_with_its_marks() -> None:
    """Names with an @, passwords with anything, several with commas, folders below folders."""
    one, two = addresses(
        "imaps://a%40example.org:p%2C%2F%3A@mx.example.org/In%20box/x?purpose=sales,imap://b:c@d"
    )
    assert (one.user, one.password, one.port, one.security) == ("a@example.org", "p,/:", 993, "tls")
    assert (one.folder, one.purpose) == ("In box/x", "sales")
    assert (two.port, two.security, two.folder, two.purpose) == (143, "none", "INBOX", "support")
    (three,) = addresses("imap+starttls://b:c@d")
    assert (three.port, three.security) == (143, "starttls")
    assert addresses(Settings().mailboxes) == []


def test_without_the_extra_the_worker_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """At its start, not at the first mail."""
    monkeypatch.setattr(fetch, "find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError, match=r"paidsupport\[mail-in\]"):
        addresses("imaps://a:b@example.org/INBOX")
