"""Who changed the configuration, what was before and what came after: searched, never changed (P10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from flask import request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.configuration.differences import differences
from paidsupport.kernel.configuration.events import CONFIGURATION
from paidsupport.kernel.configuration.tables import ConfigurationEvent
from paidsupport.kernel.configuration.telling import Telling, Told, together
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import filtered, show
from paidsupport.manage.audit import queries
from paidsupport.manage.audit.queries import PAGE, Wanted

#: What changes are about, by the word before the colon.
ABOUT: Mapping[str, str] = {
    "service": _("Services"),
    "question": _("Questions"),
    "item": _("Checklist"),
    "evidence": _("Evidence"),
    "trait": _("Traits"),
    "deadlines": _("Deadlines"),
    "reply": _("Canned replies"),
    "reason": _("Reasons"),
    "way": _("Ways to pay"),
    "guide": _("Guides"),
    "person": _("Staff"),
    "invitation": _("Invitations"),
    "roster": _("Roster"),
    "mailbox": _("Mailboxes"),
    "provider": _("Providers of payments"),
    "connection": _("Connections"),
    "tone": _("Tone"),
    "setting": _("Settings"),
    "view": _("Shared views"),
    "file": _("Export and import"),
    "export": _("Export data"),
}
#: The years that every database knows.
_FIRST, _LAST = 1970, 9998
#: Larger numbers would not fit into the database's integers.
_LARGEST = 2**53


@route("/desk/setup/changes", Who.MANAGER)
def changes(ctx: Context) -> ResponseReturnValue:
    """List the changes, newest first, that the filters in the address ask for."""
    typed = {name: request.args.get(name, "").strip() for name in ("words", "about", "by", "since", "until")}
    found = queries.lines(ctx.session, _wanted(ctx, typed))
    telling = Telling(ctx)
    rows = [(row, told(telling, row)) for row in found[:PAGE]]
    given = {name: value for name, value in typed.items() if value}
    more = url_for(".changes", **given, before=rows[-1][0].number) if len(found) > PAGE else ""  # type: ignore[arg-type]
    page = show(
        "manage/audit/changes.html",
        "listed",
        rows=rows,
        typed=typed,
        given=given,
        more=more,
        abouts=_abouts(typed["about"], found),
        part_of=lambda row: ABOUT.get(row.about.partition(":")[0], ""),
        authors=[(name, name) for name in queries.authors(ctx.session)],
        history=CONFIGURATION,
        # no line of this history is a transition of a workflow
        flow=next(iter(ctx.services.workflows.values())),
    )
    return filtered(page, url_for(".changes", **given))  # type: ignore[arg-type]


def _abouts(wanted: str, found: Sequence[ConfigurationEvent]) -> list[tuple[str, str]]:
    """What can be chosen, with the one thing that the link of another page asks for."""
    known = list(ABOUT.items())
    if wanted and wanted not in ABOUT:
        known.append((wanted, str(found[0].data.get("label") or wanted) if found else wanted))
    return known


def told(telling: Telling, row: ConfigurationEvent) -> list[Told]:
    """What a change did, in words."""
    before, after = (together(row.data.get(name) or {}) for name in ("before", "after"))
    kind, _colon, name = row.about.partition(":")
    found = differences(before, after)
    # what is told alike before and after is a secret, or it would not be told
    found += [((key,), value, value) for key, value in after.items() if before.get(key) == value]
    return telling.told(kind, found, (before, after), name=name)


def _wanted(ctx: Context, typed: Mapping[str, str]) -> Wanted:
    return Wanted(
        words=typed["words"],
        about=typed["about"],
        by=typed["by"],
        since=_day(ctx, typed["since"]),
        until=_day(ctx, typed["until"], days=1),
        before=request.args.get("before", type=_number),
    )


def _number(typed: str) -> int:
    """The number of a line. Raises ValueError."""
    number = int(typed)
    if number > _LARGEST:
        raise ValueError(typed)
    return number


def _day(ctx: Context, typed: str, days: int = 0) -> datetime | None:
    """The beginning of a day in the desk's zone, or of one some days later; None if it is no day."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    if not _FIRST <= day.year <= _LAST:
        return None
    return datetime.combine(day + timedelta(days=days), datetime.min.time(), ctx.services.hours.zone)
