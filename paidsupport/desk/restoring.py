"""After a restore: nothing that the journal says was sent leaves again, and the rest waits for a person.

A copy is older than what happened since. The journal of what left, beside the files, is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select, update

from paidsupport.desk import departures, erasure
from paidsupport.desk.departures import Departure, Step
from paidsupport.desk.holding import HELD, end, hold
from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import LetterKind, LetterState
from paidsupport.store import tickets
from paidsupport.store.deliveries import Delivery
from paidsupport.store.departures import Departed
from paidsupport.store.issues import Issue, IssueNotice
from paidsupport.store.notices import Preference
from paidsupport.store.people import Person
from paidsupport.store.plain import changed
from paidsupport.store.post import Letter
from paidsupport.store.tickets import Ticket

#: Whether these have left is what the journal is asked.
_OPEN = (LetterState.QUEUED, LetterState.SENDING, LetterState.UNCERTAIN, LetterState.FAILED)
_WAITS = (LetterState.QUEUED, LetterState.SENDING)
_UNSENT = "Held back: the database was restored from a backup, and this may have been sent since."


@dataclass(slots=True)
class Restored:
    """What became of everything that waited to leave."""

    #: References of emails that had left, and of those that wait for a person now.
    left: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    #: How many emails of tickets in the database are known from the journal alone.
    unknown: int = 0
    #: Codes of tickets that the journal knows and the database does not.
    lost: list[str] = field(default_factory=list)
    deliveries: int = 0
    news: int = 0


def restore(visit: Visit) -> tuple[erasure.Erased, Restored]:
    """Bring a restored database in line with the journals; done twice it finds nothing to do.

    No worker may run meanwhile: it could send what is about to be held.
    """
    erased = erasure.replay(visit)
    known, done = departures.known(visit.house.files), Restored()
    _letters(visit, known, done)
    _unknown(visit, known, done)
    _digests(visit, known)
    done.deliveries = _deliveries(visit, known)
    done.news = _news(visit, known)
    return erased, done


def _letters(visit: Visit, known: Mapping[str, Departure], done: Restored) -> None:
    wanted = select(Letter.id, Letter.ticket_id).where(Letter.state.in_(_OPEN)).order_by(Letter.ticket_id)
    for letter_id, ticket_id in visit.session.execute(wanted.order_by(Letter.id)).all():
        ticket = tickets.lock_by_id(visit.session, ticket_id)
        letter = visit.session.scalars(select(Letter).where(Letter.id == letter_id)).one()
        departure = known.get(departures.of_letter(letter))
        if letter.state == LetterState.FAILED and letter.sent_at is not None:
            continue  # it left, and came back: the backup knows more than the journal
        if departure is not None and departure.step is Step.LEFT:
            end(visit, ticket, letter, LetterState.SENT, "")
            letter.sent_at = departure.at
            done.left.append(letter.reference)
        elif letter.state != LetterState.UNCERTAIN and (letter.state in _WAITS or _was_leaving(departure)):
            hold(visit, ticket, letter, HELD)
            done.held.append(letter.reference)


def _was_leaving(departure: Departure | None) -> bool:
    return departure is not None and departure.step is Step.LEAVING


def _unknown(visit: Visit, known: Mapping[str, Departure], done: Restored) -> None:
    """What has left and has no row, of tickets that are there; the codes of those that are not."""
    there = {f"letter:{name}" for name in visit.session.scalars(select(Letter.reference))}
    there |= {f"letter:{name}" for name in visit.session.scalars(select(Departed.reference))}
    ids = {row.code: row.id for row in visit.session.execute(select(Ticket.code, Ticket.id))}
    for name, departure in known.items():
        if not name.startswith("letter:") or name in there or departure.step is Step.BACK:
            continue
        if departure.facts["ticket"] in ids:
            visit.session.add(_departed(name, departure, ids[departure.facts["ticket"]]))
            done.unknown += 1
        elif departure.facts["ticket"] not in done.lost:
            done.lost.append(departure.facts["ticket"])


def _departed(name: str, departure: Departure, ticket_id: int) -> Departed:
    facts = {key: departure.facts[key] for key in ("kind", "audience", "who")}
    reference = name.removeprefix("letter:")
    return Departed(reference=reference, ticket_id=ticket_id, at=departure.at, met_by="", **facts)


def _digests(visit: Visit, known: Mapping[str, Departure]) -> None:
    """Who has had today's digest is not written another one."""
    days = {
        departure.facts["who"]: visit.house.hours.local(departure.at).date()
        for name, departure in sorted(known.items(), key=lambda each: each[1].at)
        if name.startswith("letter:") and departure.facts["kind"] == LetterKind.DIGEST
    }
    rows = visit.session.execute(select(Preference, Person).join(Person, Person.id == Preference.person_id))
    for preference, person in rows:
        day = days.get(departures.staff(visit.house, person.email))
        if day is not None and (preference.digested_on is None or preference.digested_on < day):
            preference.digested_on = day


def _deliveries(visit: Visit, known: Mapping[str, Departure]) -> int:
    waiting = select(Delivery).where(Delivery.state.in_(("queued", "sending"))).order_by(Delivery.id)
    rows = visit.session.scalars(waiting).all()
    for delivery in rows:
        departure = known.get(departures.of_delivery(delivery.reference))
        if departure is not None and departure.step is Step.LEFT:
            delivery.state, delivery.delivered_at = "delivered", departure.at
        else:
            delivery.state, delivery.problem = "failed", _UNSENT
    return len(rows)


def _news(visit: Visit, known: Mapping[str, Departure]) -> int:
    """News of issues are on the page of whom they concern, whether their email left or not."""
    ended: dict[str, list[int]] = {"sent": [], "failed": []}
    for notice, issue in _waiting_news(visit):
        departure = known.get(departures.of_news(issue.code, notice.number, notice.person_id))
        left = departure is not None and departure.step is Step.LEFT
        ended["sent" if left else "failed"].append(notice.id)
    for state, ids in ended.items():
        changed(visit.session, update(IssueNotice).where(IssueNotice.id.in_(ids)).values(mail=state))
    return sum(map(len, ended.values()))


def _waiting_news(visit: Visit) -> Iterator[tuple[IssueNotice, Issue]]:
    wanted = select(IssueNotice, Issue).join(Issue, Issue.id == IssueNotice.issue_id)
    for row in visit.session.execute(wanted.where(IssueNotice.mail.in_(("queued", "sending")))):
        yield row[0], row[1]
