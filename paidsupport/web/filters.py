"""How moments, money and counts are written in pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from jinja2.utils import urlize
from markupsafe import Markup, escape

from paidsupport.domain.deadlines import LABELS, DeadlineKind, how_long, time_left
from paidsupport.domain.invoices import serial, spelled_rate
from paidsupport.domain.issues import headed, lasting
from paidsupport.domain.mentions import find as find_mentions
from paidsupport.domain.money import Money
from paidsupport.domain.quoted import pieces
from paidsupport.domain.tone import Remark
from paidsupport.domain.workflow import Workflow, state_named
from paidsupport.domain.workflows.issue import ISSUE
from paidsupport.mount import current
from paidsupport.store.people import Person
from paidsupport.store.queue import COUNT_LIMIT
from paidsupport.web.markdown import markdown

_UNITS = ((86400 * 365, "year"), (86400 * 30, "month"), (86400, "day"), (3600, "hour"), (60, "minute"))
_KILO = 1024
_LINK = re.compile(r"://|www\.|@|\.(?:com|net|org)\b", re.IGNORECASE)
_LONG_TAIL = re.compile(r"[).>,<(]{30}")


def when(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, or how far ahead: “3 hours ago”, “in 2 days”, “just now”."""
    seconds = ((now or current().clock()) - moment).total_seconds()
    for length, unit in _UNITS:
        number = int(abs(seconds) // length)
        if number:
            spoken = f"{number} {unit}{'s' if number > 1 else ''}"
            return f"{spoken} ago" if seconds > 0 else f"in {spoken}"
    return "just now"


def duration(length: timedelta) -> str:
    """How long something took: “1 h 30 min”."""
    minutes = max(1, round(length.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    return " ".join([*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest or not hours else [])])


def full_moment(moment: datetime) -> str:
    """The whole of it in the desk's time zone: “23 Nov 2026, 07:49 CET”."""
    local = current().house.hours.local(moment)
    return f"{local.day} {local:%b %Y, %H:%M %Z}"


def _exactly(moment: datetime) -> str:
    """For machines, in UTC as every moment here."""
    return f"{moment:%Y-%m-%dT%H:%MZ}"


def time(moment: datetime) -> Markup:
    """A `<time>` element: how long ago it was, and the exact moment for machines and on hovering."""
    # nothing in it comes from people, and a queue has fifty of them: plain text is five times as quick
    exact = _exactly(moment)
    return Markup(f'<time datetime="{exact}" title="{full_moment(moment)}">{when(moment)}</time>')  # noqa: S704


def due(ticket: object) -> Markup:
    """The working time left until the nearest deadline of a row of the queue, marked once it is near.

    As short as can be, for a queue has fifty of them: the moment is in the title, without this year.
    """
    row: Any = ticket
    if not row.due_kind:
        return Markup()
    mount = current()
    now = mount.clock()
    tag = "b" if row.near_at <= now else "span"
    local = mount.house.hours.local(row.due_at)
    year = "" if local.year == mount.house.hours.local(now).year else f" {local:%Y}"
    moment = f"{local.day} {local:%b}{year}, {local:%H:%M %Z}"
    title = f"{LABELS[DeadlineKind(row.due_kind)]}: {moment}"
    words = time_left(row.due_at, now, mount.house.hours)
    return Markup(f'<{tag} title="{title}">{words}</{tag}>')  # noqa: S704  # nothing in it comes from people


def left(due_at: datetime, near_at: datetime, kind: str) -> Markup:
    """The working time left until a deadline, as a `<time>` element, marked once it is near."""
    mount = current()
    now = mount.clock()
    near = ' class="ps-due"' if near_at <= now else ""
    title = f"{LABELS[DeadlineKind(kind)]} due {full_moment(due_at)}"
    exact, words = _exactly(due_at), time_left(due_at, now, mount.house.hours)
    return Markup(f'<time{near} datetime="{exact}" title="{title}">{words}</time>')  # noqa: S704  # likewise


def money(ticket_or_service: object) -> str:
    """The price of anything that has `price_minor` and `currency`."""
    return str(Money(ticket_or_service.price_minor, ticket_or_service.currency))  # type: ignore[attr-defined]


def amount(priced: Mapping[str, Any]) -> str:
    """As `money`, for a mapping with the two: invoices have more than one sum."""
    return str(Money(priced["price_minor"], priced["currency"]))


def capped(number: int) -> str:
    """A count that stops at COUNT_LIMIT: “1,000+”."""
    return f"{COUNT_LIMIT:,}+" if number > COUNT_LIMIT else f"{number:,}"


def linked(text: str | None) -> Markup:
    """What somebody typed, escaped, with its web addresses as links.

    Jinja's own filter takes forever over a long tail of dots and brackets: such a text gets no links.
    """
    text = text or ""
    if _LONG_TAIL.search(text) or not _LINK.search(text):
        return escape(text)
    return Markup(urlize(escape(text), rel="nofollow noopener noreferrer"))  # noqa: S704  # urlize escaped it


def mentions(text: str | None, people: Sequence[Person]) -> Markup:
    """As `linked`; those of `people` who are called in it stand out."""
    text, at = text or "", 0
    parts: list[Markup] = []
    for mention in find_mentions(text, [(person.id, person.name) for person in people]):
        called = Markup('<strong class="ps-mention">{}</strong>').format(text[mention.start : mention.end])
        parts += [linked(text[at : mention.start]), called]
        at = mention.end
    return Markup("").join([*parts, linked(text[at:])])


def remarked(text: str, remarks: Sequence[Remark]) -> Markup:
    """As `linked`; the places of `remarks` are marked, each with a link to what is said of it."""
    at = 0
    parts: list[Markup] = []
    for number, remark in enumerate(remarks, start=1):
        marked = Markup(
            '<mark class="ps-mark" id="ps-place-{0}">{1}'
            '<a href="#ps-remark-{0}" aria-label="Remark {0}">{0}</a></mark>'
        )
        parts += [linked(text[at : remark.start]), marked.format(number, text[remark.start : remark.end])]
        at = remark.end
    return Markup("").join([*parts, linked(text[at:])])


def file_size(size: int) -> str:
    """Bytes as people say them."""
    if size < _KILO:
        return f"{size} bytes"
    kilo = size / _KILO
    return f"{kilo:.0f} kB" if kilo < _KILO else f"{kilo / _KILO:.1f} MB"


def state_label(name: str | None, flow: Workflow) -> str:
    """What a state is called; one of another workflow if a ticket was there before."""
    state = state_named(current().house.workflows, name or "", flow.name)
    return state.label if state else name or ""


def estimate(data: Mapping[str, Any]) -> str:
    """A change of time left and deadline, from its line of the history: “4h left, until 2034-03-14”."""
    left, until = data.get("left"), data.get("deadline")
    said = [f"{lasting(left)} left" if left is not None else "time left is not known"]
    return ", ".join([*said, f"until {until}" if until else "no deadline"])


#: Their names in our templates; set on the template context, so the host's filters stay as they are.
ALL: dict[str, Callable[..., Any]] = {
    "when": when,
    "time": time,
    "moment": full_moment,
    "money": money,
    "sum": amount,
    "serial": lambda invoice: serial(invoice.series or "", invoice.number),
    "rate": spelled_rate,
    "capped": capped,
    "duration": duration,
    "due": due,
    "left": left,
    "working_time": lambda minutes: how_long(minutes, current().house.hours),
    "file_size": file_size,
    "linked": linked,
    "mentions": mentions,
    "remarked": remarked,
    "markdown": markdown,
    "pieces": pieces,
    "state_label": state_label,
    "estimate": estimate,
    "lasting": lasting,
    "issue_state": lambda name: ISSUE.state(name).label,
    "headed": lambda issue: headed(issue.summary, issue.minutes_left, issue.deadline),
}
