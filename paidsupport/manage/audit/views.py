"""Who changed the configuration, what was before and what came after: searched, never changed (P10)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.catalogue.services.telling import LABELS
from paidsupport.kernel.configuration.events import CONFIGURATION
from paidsupport.kernel.configuration.tables import ConfigurationEvent
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.staff.operations import WAY
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
    "tone": _("Tone"),
    "setting": _("Settings"),
    "view": _("Shared views"),
    "file": _("Export and import"),
    "export": _("Export data"),
}
#: What fields are called.
_NAMES: Mapping[str, str] = {
    **LABELS,
    "price_minor": _("Price"),
    "currency": _("Currency"),
    "translations": _("Languages"),
    "position": _("Position"),
    "value": _("Value"),
    "host": _("Server"),
    "role": _("Role"),
    "email": _("Email address"),
    "payment": _("Anything else"),
    "hint": _("What to fill in"),
    "example": _("Example"),
    "check": _("Check"),
    "title": _("Title"),
    "public": _("Public"),
    "order": _("Order"),
    "person": _("Person"),
    "day": _("Day"),
    "from": _("From"),
    "until": _("Until"),
    "first_day": _("First day"),
    "last_day": _("Last day"),
    "substitute": _("Substitute"),
    "edition": _("Version"),
}
#: The years that every database knows.
_FIRST, _LAST = 1970, 9998
#: Larger numbers would not fit into the database's integers.
_LARGEST = 2**53


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a change: what it was and what it is, as text; None if it was not there.

    `label` is what the field is called on pages, if it is on one; `name` is what programs call it; `href` is
    the page where to read what it is now, if that is not told here.
    """

    label: str
    name: str
    before: str | None
    after: str | None
    href: str = ""

    @property
    def length(self) -> int:
        """How many characters both have."""
        return len(self.before or "") + len(self.after or "")


@route("/desk/setup/changes", Who.MANAGER)
def changes(ctx: Context) -> ResponseReturnValue:
    """List the changes, newest first, that the filters in the address ask for."""
    typed = {name: request.args.get(name, "").strip() for name in ("words", "about", "by", "since", "until")}
    found = queries.lines(ctx.session, _wanted(ctx, typed))
    names = {**_NAMES, **{f"{WAY}{way.name}": way.label for way in ctx.services.present.ways}}
    has_guides = any(each.name == "intake" for each in ctx.services.capabilities)
    rows = [(row, list(differences(row, names, has_guides=has_guides))) for row in found[:PAGE]]
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


def differences(
    row: ConfigurationEvent, names: Mapping[str, str], *, has_guides: bool = False
) -> Iterator[Difference]:
    """What a change did, field by field.

    Args:
        row: The line.
        names: What fields are called.
        has_guides: Whether this desk has the pages of guides, where the text of each version is.
    """
    before, after = row.data.get("before") or {}, row.data.get("after") or {}
    part, _colon, slug = row.about.partition(":")
    for name in dict.fromkeys([*before, *after]):
        href = ""
        if has_guides and (part, name) == ("guide", "edition") and name in after:
            href = url_for("paidsupport.guide_edition", slug=slug, number=after[name])
        yield Difference(names.get(name, ""), name, _text(before, name), _text(after, name), href)


def _text(values: dict[str, Any], name: str) -> str | None:
    if name not in values:
        return None
    value = values[name]
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, indent=1)


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
