"""What goes on without anybody asking: letters leave, mail comes in, deadlines warn, claims lapse."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy.exc import DBAPIError
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
    reminders,
    unsent,
)
from paidsupport.desk.deliveries import Receiver
from paidsupport.desk.issues import closing, family, news, overdue, slips
from paidsupport.desk.visit import House, Visit
from paidsupport.domain.actors import CLOCK
from paidsupport.errors import ConfigurationError, PaidSupportError, StorageFullError
from paidsupport.integrations import dispatch, webhooks
from paidsupport.mail import fetch, inbound, issue_news, outbox
from paidsupport.mail.transports import Transport
from paidsupport.store.engine import Database

log = logging.getLogger("paidsupport.jobs")

#: Seconds between two looks into an empty outbox.
PAUSE = 1.0
#: Seconds between two rounds of the clock.
ROUND = 30.0
#: Seconds between two looks for what people are told of.
LOOK = 2.0
#: Seconds between two looks into the mailboxes.
FETCH = 30.0


class Worker:
    """One of any number of workers; `stop` is set from outside to end it."""

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

    def run(self) -> None:
        """Work until stopped. Whatever goes wrong is logged and tried again (reliability 20).

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
        return outbox.send_next(self._house, self._database, self._transport, self._clock)

    def deliver_one(self) -> bool:
        """Hand the next delivery to the webhook; returns whether there was one."""
        return dispatch.send_next(self._database, self._receiver, self._clock)

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
        with self._database.reading() as session:
            more = notices.is_behind(self._visit(session))
        while more:
            with self._database.writing() as session:
                more = notices.notice(self._visit(session))
        self._tend(notices.due, notices.tend)
        self._tend(digests.due, digests.tend)
        if self._tend(closing.due, closing.tend):
            self._resolve()
        issue_news.send_due(self._house, self._database, self._transport, self._clock)

    def _resolve(self) -> None:
        """Resolve issues that every customer knows of, then what waited for nothing else."""
        self._tend(closing.due_issues, closing.resolve_issue)
        self._tend(closing.due_tickets, closing.resolve_ticket)
        self._tend(closing.due_leads, closing.deliver_lead)

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
        outbox.give_up_lost(self._house, self._database, self._clock())
        dispatch.take_back_lost(self._database, self._clock())
        inbound.resume(self._house, self._database, self._clock)
        self._tend(claims.due, claims.tend)
        self._tend(escalations.due, escalations.tend)
        self._tend(reminders.due, reminders.tend)
        self._tend(cascade.due, cascade.tend)
        self._tend(overdue.due, overdue.tend)
        self._tend(family.due, family.tend)
        self._tend(slips.due, slips.tend)
        self._tend(missing.due, missing.tend)
        self._resolve()
        if not self._has_webhook:
            self._deliver_all()  # what an earlier one has left, so that it comes to an end
        with self._database.reading() as session:
            self._heads.keep(self._visit(session))
        with self._database.writing() as session:
            limits.forget(self._visit(session))
            notices.forget(self._visit(session))
            invoicing.forget(self._visit(session))
            news.give_up_lost(self._visit(session))
            unsent.forget(self._visit(session))

    def count(self) -> None:
        """Count the figures of the overview anew, if it is time; no lock is held while they are counted."""
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

    def _tend(self, due: Callable[[Visit], Iterable[int]], tend: Callable[[Visit, int], object]) -> int:
        """Do with each row that is `due` what there is to `tend`, each on its own; returns how many were."""
        with self._database.reading() as session:
            ids = list(due(self._visit(session)))
        for row_id in ids:
            try:
                with self._database.writing() as session:
                    tend(self._visit(session), row_id)
            except PaidSupportError as error:
                # one that cannot be tended keeps no other from it
                log.warning("%s %s was left alone: %s", tend.__module__, row_id, error)
            except DBAPIError:
                raise
            except Exception:
                log.exception("%s %s was left alone", tend.__module__, row_id)
        return len(ids)

    def _visit(self, session: Session) -> Visit:
        return Visit(self._house, session, CLOCK, self._clock())
