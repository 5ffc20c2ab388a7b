"""What people want to be told of, and the one mail a day for those who would rather have it so (P8)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import or_, select, update

from paidsupport.desk import letters, notices
from paidsupport.desk.visit import Visit
from paidsupport.domain.letters import LetterKind
from paidsupport.domain.notices import DEFAULTS, DIGEST_HOUR, Concern, Way
from paidsupport.errors import InvalidInputError, NotFoundError
from paidsupport.store import notices as rows
from paidsupport.store import tickets
from paidsupport.store.notices import Notice, Preference
from paidsupport.store.people import Person
from paidsupport.store.plain import changed

#: Most notices in one digest; the rest stands on the page.
MOST = 200


def preference(visit: Visit) -> Preference:
    """How this person wants to be told of what; what is usual where they have not said."""
    found = visit.session.scalar(select(Preference).where(Preference.person_id == visit.by.id))
    return found or Preference(
        person_id=visit.by.id, digest_hour=DIGEST_HOUR, **{name.value: way for name, way in DEFAULTS.items()}
    )


def prefer(visit: Visit, wanted: Mapping[str, str], digest_hour: int) -> Preference:
    """Keep how this person wants to be told of each concern. Raises InvalidInputError, NotFoundError.

    What was made for a mail that they want no more stays on the page.
    """
    problems: dict[str, list[str]] = {
        name.value: ["Choose one of these."] for name in Concern if wanted.get(name) not in set(Way)
    }
    if not 0 <= digest_hour < 24:  # noqa: PLR2004  # hours of a day
        problems["digest_hour"] = ["Choose an hour of the day."]
    if problems:
        raise InvalidInputError(problems)
    # its row is what two forms of one person wait for
    locked = select(Person).where(Person.id == visit.by.id).with_for_update()
    if visit.by.id is None or visit.session.scalar(locked) is None:
        raise NotFoundError
    kept = preference(visit)
    visit.session.add(kept)
    for name in Concern:
        setattr(kept, name, wanted[name])
    kept.digest_hour = digest_hour
    if visit.house.hours.local(visit.now).hour >= digest_hour:
        kept.digested_on = visit.today  # today's hour is over
    for name in Concern:
        _redirect(visit, name, Way(wanted[name]))
    return kept


def due(visit: Visit) -> list[int]:
    """The ids of the people whose hour has come and who have had no digest today."""
    wanted = select(Preference.person_id).join(Person, Person.id == Preference.person_id)
    return list(visit.session.scalars(wanted.where(Person.active, *_is_due(visit)).order_by(Person.id)))


def tend(visit: Visit, person_id: int) -> bool:
    """Write the digest of a person, if it is due and there is something to say; whether it was written.

    Of any number of workers exactly one does: the condition stands in the UPDATE itself.
    """
    found = rows.waiting(visit.session, person_id, Way.DIGEST, most=MOST)
    # in the order that all verbs keep: the ticket that the letter hangs on first
    ticket = tickets.lock_by_id(visit.session, max(found, key=lambda row: row[0].id)[2].id) if found else None
    mine = update(Preference).where(Preference.person_id == person_id, *_is_due(visit))
    if changed(visit.session, mine.values(digested_on=visit.today)) != 1 or ticket is None:
        return False
    told = [
        {"ticket": of, "happened": notices.lines(visit, group, person_id)}
        for of, group in groupby(found, key=lambda row: row[2])
    ]
    desk_url = f"{visit.house.settings.base_url}{visit.house.settings.url_prefix}/desk"
    context: dict[str, Any] = {"told": told, "number": len(found), "most": MOST, "desk": desk_url}
    letter = letters.to_person(visit, ticket, LetterKind.DIGEST, person_id, digest=context)
    visit.session.flush()
    notices.told_by(visit, [row[0].id for row in found], letter.id)
    return True


def _is_due(visit: Visit) -> tuple[Any, ...]:
    not_today = or_(Preference.digested_on.is_(None), Preference.digested_on < visit.today)
    return Preference.digest_hour <= visit.house.hours.local(visit.now).hour, not_today


def _redirect(visit: Visit, concern: Concern, way: Way) -> None:
    """Let what waits to be told by mail follow a change of mind."""
    waits = Notice.letter_id.is_(None), Notice.way.in_((Way.NOW, Way.DIGEST))
    mine = Notice.person_id == visit.by.id, Notice.concern == concern
    notices.change(visit, *mine, *waits, way=Way.PAGE if way is Way.OFF else way)
