"""What goes on without anybody asking: letters leave, mail comes in, deadlines warn, claims lapse."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from paidsupport.desk import (
    cascade,
    claims,
    digests,
    escalations,
    heads,
    invoicing,
    limits,
    missing,
    notices,
    overview,
    parking,
    reminders,
    unsent,
)
from paidsupport.desk.deliveries import Receiver
from paidsupport.desk.issues import closing, family, news, overdue, slips
from paidsupport.desk.visit import House, Visit
from paidsupport.domain.actors import CLOCK
from paidsupport.errors import ConfigurationError, StorageFullError
from paidsupport.integrations import dispatch, webhooks
from paidsupport.mail import fetch, inbound, issue_news, outbox
from paidsupport.mail.transports import Transport
from paidsupport.store.engine import Database

log = logging.getLogger("paidsupport.jobs")

T = TypeVar("T")

#: Seconds between two looks into an empty outbox.
PAUSE = 1.0
#: Seconds between two rounds of the clock.
ROUND = 30.0
#: Seconds between two looks for what people are told of.
LOOK = 2.0
#: Seconds between two looks into the mailboxes.
FETCH = 30.0

#: What is forgotten when it is too old, each as a job of its own.
_FORGETTING: Mapping[str, Callable[[Visit], object]] = {
    "forget limits": limits.forget,
    "forget notices": notices.forget,
    "settle old invoices": invoicing.forget,
    "give up lost news of issues": news.give_up_lost,
    "forget unsent forms": unsent.forget,
}


class Worker:
    """One of any number of workers; `stop` is set from outside to end it.

    It needs no application around it. What it does is done in jobs, each on its own: one that fails is
    parked and keeps no other from being done.
    """

    def __init__(
        self,
        house: House,
        database: Database,
        transport: Transport,
        clock: Callable[[], datetime],
        stop: threading.Event | None = None,
        receiver: Receiver | None = None,
    ) -> None:
        self._house = house
        self._database = database
        self._transport = transport
        self._clock = clock
        self._stop = stop or threading.Event()
        self._receiver = receiver or webhooks.receiver_of(house.settings)
        self._has_webhook = not isinstance(self._receiver, webhooks.NoReceiver)
        self._heads = heads.Keeper()
        self._mailboxes = fetch.addresses(house.settings.mailboxes)
        #: When each job that is parked is tried again, as far as this worker knows.
        self._parked: dict[tuple[str, str], datetime] = {}

    def run(self) -> None:
        """Work until stopped. Whatever goes wrong is parked, shown and tried again.

        Mail is fetched, the webhook told, and the overview counted in threads of their own: no letter waits
        for a slow mailbox, a slow receiver, or a large desk.
        """
        beside = []
        if self._has_webhook:
            delivering = self._deliver_until_stopped
            beside.append(threading.Thread(target=delivering, name="paidsupport-webhook", daemon=True))
        if self._mailboxes:
            fetching = self._fetch_until_stopped
            beside.append(threading.Thread(target=fetching, name="paidsupport-fetch", daemon=True))
        beside.append(
            threading.Thread(target=self._count_until_stopped, name="paidsupport-count", daemon=True)
        )
        for thread in beside:
            thread.start()
        self._send_until_stopped()
        for thread in beside:
            thread.join(2 * fetch.TIMEOUT)

    def _send_until_stopped(self) -> None:
        next_round = next_look = 0.0
        while not self._stop.is_set():
            busy = False
            try:
                if time.monotonic() >= next_round:
                    next_round = time.monotonic() + ROUND  # first, as below
                    self.round()
                if time.monotonic() >= next_look:
                    next_look = time.monotonic() + LOOK  # first: letters leave whatever goes wrong there
                    self.tell()
                busy = self.send_one()
            except ConfigurationError:
                raise
            except DBAPIError as error:
                log.warning("database unavailable, trying again: %s", type(error.orig).__name__)
            except Exception:
                log.exception("something went wrong, going on")
            if not busy:
                self._stop.wait(PAUSE)

    def once(self) -> int:
        """One round, new mail, then everything that is due now; returns how many letters were handled."""
        self.round()
        self.fetch()
        self.tell()
        handled = 0
        while self.send_one():
            handled += 1
            self.tell()
        self._deliver_all()
        self.count()
        return handled

    def send_one(self) -> bool:
        """Handle the next letter; returns whether there was one."""
        sending = outbox.send_next
        return bool(
            self._do(
                "send letters", lambda: sending(self._house, self._database, self._transport, self._clock)
            )
        )

    def deliver_one(self) -> bool:
        """Hand the next delivery to the webhook; returns whether there was one."""
        given = (self._database, self._receiver, self._clock, self._house.files)
        return bool(self._do("tell the webhook", lambda: dispatch.send_next(*given)))

    def _deliver_all(self) -> None:
        while self.deliver_one():
            pass

    def fetch(self) -> bool:
        """Take what is new in every mailbox; returns whether there was any. One that fails keeps no other."""
        taken = 0
        for address in self._mailboxes:
            try:
                taken += fetch.fetch(self._house, self._database, self._clock, address)
            except (fetch.MailboxError, StorageFullError) as error:
                log.warning("%s", error)
            except DBAPIError as error:
                log.warning("database unavailable, trying again: %s", type(error.orig).__name__)
            except Exception:
                log.exception("a mailbox could not be read, going on")
        return taken > 0

    def _fetch_until_stopped(self) -> None:
        while not self._stop.is_set():
            if not self.fetch():
                self._stop.wait(FETCH)

    def tell(self) -> None:
        """Make notices of what has happened, and write the mails that are due for them."""
        self._look_what_is_parked()
        self._do("make notices", self._make_notices)
        self._tend("mail a notice", notices.due, notices.tend)
        self._tend("mail a digest", digests.due, digests.tend)
        if self._tend("note who was told", closing.due, closing.tend):
            self._resolve()
        for person_id in self._due("mail news of issues", issue_news.due):
            self._do("mail news of issues", partial(self._mail_news, person_id), str(person_id))

    def _make_notices(self) -> None:
        with self._database.reading() as session:
            more = notices.is_behind(self._visit(session))
        while more:
            with self._database.writing() as session:
                more = notices.notice(self._visit(session))

    def _mail_news(self, person_id: int) -> None:
        issue_news.send(self._house, self._database, self._transport, self._clock, person_id)

    def _resolve(self) -> None:
        """Resolve issues that every customer knows of, then what waited for nothing else."""
        self._tend("resolve an issue", closing.due_issues, closing.resolve_issue)
        self._tend("resolve a request", closing.due_tickets, closing.resolve_ticket)
        self._tend("deliver a lead", closing.due_leads, closing.deliver_lead)

    def _deliver_until_stopped(self) -> None:
        while not self._stop.is_set():
            busy = False
            try:
                busy = self.deliver_one()
            except DBAPIError as error:
                log.warning("database unavailable, trying again: %s", type(error.orig).__name__)
            except Exception:
                log.exception("the webhook could not be told, going on")
            if not busy:
                self._stop.wait(PAUSE)

    def round(self) -> None:
        """Give up lost letters, understand lost mails, tend what the clock does, forget what is old."""
        house, database, clock = self._house, self._database, self._clock
        self._look_what_is_parked()
        self._do("give up lost letters", lambda: outbox.give_up_lost(house, database, clock()))
        self._do("take back lost deliveries", lambda: dispatch.take_back_lost(database, clock()))
        self._do("understand lost mails", lambda: inbound.resume(house, database, clock))
        self._tend("end a claim", claims.due, claims.tend)
        self._tend("warn of a deadline", escalations.due, escalations.tend)
        self._tend("write a reminder", reminders.due, reminders.tend)
        self._tend("climb the roster", cascade.due, cascade.tend)
        self._tend("tell of overdue feedback", overdue.due, overdue.tend)
        self._tend("let an issue go on", family.due, family.tend)
        self._tend("look at a workload", slips.due, slips.tend)
        self._tend("open a documentation issue", missing.due, missing.tend)
        self._resolve()
        if not self._has_webhook:
            self._deliver_all()  # what an earlier one has left, so that it comes to an end
        self._do("note the ends of histories", self._keep_heads)
        for what, forget in _FORGETTING.items():
            self._do(what, partial(self._forget, forget))

    def _keep_heads(self) -> None:
        with self._database.reading() as session:
            self._heads.keep(self._visit(session))

    def _forget(self, forget: Callable[[Visit], object]) -> None:
        with self._database.writing() as session:
            forget(self._visit(session))

    def count(self) -> None:
        """Count the figures of the overview anew, if it is time; no lock is held while they are counted."""
        self._do("count the overview", self._count)

    def _count(self) -> None:
        with self._database.reading() as session:
            counted = overview.renewed(self._visit(session))
        if counted is not None:
            with self._database.writing() as session:
                overview.keep(self._visit(session), counted)

    def _count_until_stopped(self) -> None:
        while not self._stop.wait(ROUND):
            try:
                self.count()
            except DBAPIError as error:
                log.warning("database unavailable, trying again: %s", type(error.orig).__name__)
            except Exception:
                log.exception("the overview could not be counted, going on")

    def _tend(
        self, job: str, due: Callable[[Visit], Iterable[int]], tend: Callable[[Visit, int], object]
    ) -> int:
        """Do with each row that is `due` what there is to `tend`, each on its own; returns how many."""
        ids = self._due(job, due)
        for row_id in ids:
            self._do(job, partial(self._tend_one, tend, row_id), str(row_id))
        return len(ids)

    def _tend_one(self, tend: Callable[[Visit, int], object], row_id: int) -> None:
        with self._database.writing() as session:
            tend(self._visit(session), row_id)

    def _due(self, job: str, due: Callable[[Visit], Iterable[int]]) -> list[int]:
        """The rows that a job is due for, without those for which it is parked, with those it is tried again.

        Tried again without asking whether they are still due: whatever tends a row looks at that itself.
        """
        ids = self._do(f"find: {job}", partial(self._listed, due)) or []
        again = [int(key) for of, key in self._parked if of == job]
        return [row_id for row_id in dict.fromkeys([*ids, *again]) if not self._waits(job, str(row_id))]

    def _listed(self, due: Callable[[Visit], Iterable[int]]) -> list[int]:
        with self._database.reading() as session:
            return list(due(self._visit(session)))

    def _do(self, job: str, act: Callable[[], T], key: str = "") -> T | None:
        """What `act` returns; None if it failed, and so was parked, or is parked since earlier.

        Raises:
            DBAPIError: The database is away: then nothing is parked, and everything is tried again.
        """
        if self._waits(job, key):
            return None
        try:
            done = act()
        except Exception as error:  # noqa: BLE001  # whatever it is: it keeps no other job from being done
            if _passes(error):
                log.warning("“%s” %s meets others at work, trying again soon", job, key)
            else:
                self._park(job, key, error)
            return None
        if self._parked.pop((job, key), None):
            with self._database.writing() as session:
                parking.forget(self._visit(session), job, key)
        return done

    def _waits(self, job: str, key: str) -> bool:
        until = self._parked.get((job, key))
        return until is not None and until > self._clock()

    def _park(self, job: str, key: str, error: Exception) -> None:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise error
        try:
            with self._database.writing() as session:
                row = parking.park(self._visit(session), job, key, error)
        except IntegrityError:
            return  # another worker has just done so
        self._parked[job, key] = row.due_at
        # all of it once, so that it can be understood; then a line each time
        log.log(
            logging.ERROR if row.attempts == 1 else logging.WARNING,
            "“%s” %s is parked until %s, failed %s times: %s",
            *(job, key, row.due_at, row.attempts, row.reason),
            exc_info=error if row.attempts == 1 else None,
        )

    def _look_what_is_parked(self) -> None:
        with self._database.reading() as session:
            rows = parking.parked(self._visit(session))
        self._parked = {(row.job, row.key): row.due_at for row in rows}

    def _visit(self, session: Session) -> Visit:
        return Visit(self._house, session, CLOCK, self._clock())


#: What PostgreSQL says when others are at work on the same rows: serialization, deadlock, lock not available.
_AT_WORK = frozenset({"40001", "40P01", "55P03"})


def _passes(error: Exception) -> bool:
    """Whether a job failed only because others wrote at the same moment: tried again, it goes through."""
    if not isinstance(error, OperationalError):
        return False
    return getattr(error.orig, "sqlstate", None) in _AT_WORK or "database is locked" in str(error.orig)
