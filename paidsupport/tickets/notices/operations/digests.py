"""Notification settings, and the daily digest for staff who prefer one email a day (P8)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import or_, update

from paidsupport.kernel.context import Context
from paidsupport.kernel.db.statements import changed
from paidsupport.kernel.errors import InvalidInputError, existing
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.staff.concerns import DEFAULTS, DIGEST_HOUR, Concern, Way
from paidsupport.kernel.staff.queries import preference_of, wish_digest
from paidsupport.kernel.staff.tables import Person, Preference
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.emails import operations as emails
from paidsupport.tickets.emails.rules import EmailKind
from paidsupport.tickets.notices import tables as rows
from paidsupport.tickets.notices.operations import notices
from paidsupport.tickets.notices.tables import Notice

#: The most notices in one digest; the rest is on the page.
MOST = 200


def preference(ctx: Context) -> Preference:
    """This person's notification settings, with the defaults where they have made no choice."""
    return preference_of(ctx.session, ctx.by.id) or Preference(
        person_id=ctx.by.id, digest_hour=DIGEST_HOUR, **{name.value: way for name, way in DEFAULTS.items()}
    )


def prefer(ctx: Context, wanted: Mapping[str, str], digest_hour: int) -> Preference:
    """Save how this person wants to be notified of each concern, and when the digest is sent.

    Notices for emails they no longer want stay on the page. Raises InvalidInputError, NotFoundError.
    """
    problems: dict[str, list[str]] = {
        name.value: [_("Choose one of these.")] for name in Concern if wanted.get(name) not in set(Way)
    }
    if not 0 <= digest_hour < 24:  # noqa: PLR2004  # hours of a day
        problems["digest_hour"] = [_("Choose an hour of the day.")]
    if problems:
        raise InvalidInputError(problems)
    # the person's row is the lock that makes two forms of one person wait for each other
    existing(ctx.session.get(Person, ctx.by.id or 0, with_for_update=True))
    kept = preference(ctx)
    ctx.session.add(kept)
    for name in Concern:
        setattr(kept, name, wanted[name])
    kept.digest_hour = digest_hour
    if ctx.services.hours.local(ctx.now).hour >= digest_hour:
        kept.digested_on = ctx.today  # today's hour has passed
    for name in Concern:
        _redirect(ctx, name, Way(wanted[name]))
    return kept


def due(ctx: Context) -> list[int]:
    """The ids of people whose hour has come and who have had no digest today."""
    return wish_digest(ctx.session, ctx.services.hours.local(ctx.now).hour, ctx.today)


def tend(ctx: Context, person_id: int) -> bool:
    """Write a person's digest, if it is due and has content; returns whether it was written.

    Of any number of workers exactly one does it: the condition is part of the UPDATE.
    """
    found = rows.waiting(ctx.session, person_id, Way.DIGEST, most=MOST)
    # in the order in which every operation locks: first the ticket that the email belongs to
    ticket = tickets.lock_by_id(ctx.session, max(found, key=lambda row: row[0].id)[2].id) if found else None
    mine = update(Preference).where(Preference.person_id == person_id, *_is_due(ctx))
    if changed(ctx.session, mine.values(digested_on=ctx.today)) != 1 or ticket is None:
        return False
    told = [
        {"ticket": of, "happened": notices.lines(ctx, group, person_id)}
        for of, group in groupby(found, key=lambda row: row[2])
    ]
    desk_url = f"{ctx.services.settings.base_url}{ctx.services.settings.url_prefix}/desk"
    context: dict[str, Any] = {"told": told, "number": len(found), "most": MOST, "desk": desk_url}
    email = emails.to_person(ctx, ticket, EmailKind.DIGEST, person_id, digest=context)
    ctx.session.flush()
    notices.told_by(ctx, [row[0].id for row in found], email.id)
    return True


def _is_due(ctx: Context) -> tuple[Any, ...]:
    not_today = or_(Preference.digested_on.is_(None), Preference.digested_on < ctx.today)
    return Preference.digest_hour <= ctx.services.hours.local(ctx.now).hour, not_today


def _redirect(ctx: Context, concern: Concern, way: Way) -> None:
    """Change how notices that are not sent yet will be told, after a change of the settings."""
    waits = Notice.letter_id.is_(None), Notice.way.in_((Way.NOW, Way.DIGEST))
    mine = Notice.person_id == ctx.by.id, Notice.concern == concern
    notices.change(ctx, *mine, *waits, way=Way.PAGE if way is Way.OFF else way)
