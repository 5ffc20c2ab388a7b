"""How moments, money and counts are written in pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from jinja2.utils import urlize
from markupsafe import Markup, escape

from paidsupport.kernel.counts import COUNT_LIMIT
from paidsupport.kernel.events import Told
from paidsupport.kernel.hours import Hours
from paidsupport.kernel.money import Money
from paidsupport.kernel.mount import current
from paidsupport.kernel.staff.mentions import find as find_mentions
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.icons import state_icon
from paidsupport.kernel.web.jinja import as_html
from paidsupport.kernel.web.markdown import markdown
from paidsupport.kernel.web.quoted import pieces
from paidsupport.kernel.workflow import Workflow

_UNITS = ((86400 * 365, "year"), (86400 * 30, "month"), (86400, "day"), (3600, "hour"), (60, "minute"))
_KILO = 1024
_REL = "nofollow noopener noreferrer"
#: Of a text in small letters: ignoring the case is three times as slow.
_LINK = re.compile(r"://|www\.|@|\.(?:com|net|org)\b")
_LONG_TAIL = re.compile(r"[).>,<(]{30}")
#: In English wherever the desk runs.
_MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


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
    return _in_full(current().services.hours, moment)


def _in_full(hours: Hours, moment: datetime) -> str:
    local = hours.local(moment)
    # three times as quick as `strftime`, and a page has dozens of them
    month = _MONTHS[local.month]
    return f"{local.day} {month} {local.year}, {local.hour:02}:{local.minute:02} {local.tzname()}"


def exactly(moment: datetime) -> str:
    """For machines, in UTC as every moment here."""
    return f"{moment.isoformat()[:16]}Z"


def time(moment: datetime) -> Markup:
    """A `<time>` element: how long ago it was, and the exact moment for machines and on hovering."""
    return _element(moment, exactly(moment))


def stamp(moment: datetime) -> Markup:
    """As `time`, to the microsecond."""
    return _element(moment, moment.isoformat())


def _element(moment: datetime, exact: str) -> Markup:
    # nothing in it comes from people, and a queue has fifty of them: plain text is five times as quick
    mount = current()
    full, ago = _in_full(mount.services.hours, moment), when(moment, mount.clock())
    return Markup(f'<time datetime="{exact}" title="{full}">{ago}</time>')  # noqa: S704


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
    if not _LINK.search(text.lower()) or _LONG_TAIL.search(text):
        return escape(text)
    # looks at each word by itself, which takes its time: most lines have nothing for it
    lines = str(escape(text)).split("\n")
    # escaped above, all of them
    shown = [urlize(Markup(line), rel=_REL) if _LINK.search(line.lower()) else line for line in lines]  # noqa: S704
    return Markup("\n".join(shown))  # noqa: S704


def mentions(text: str | None, people: Sequence[Person]) -> Markup:
    """As `linked`; those of `people` who are called in it stand out."""
    text, at = text or "", 0
    parts: list[Markup] = []
    for mention in find_mentions(text, [(person.id, person.name) for person in people]):
        called = Markup('<strong class="ps-mention">{}</strong>').format(text[mention.start : mention.end])
        parts += [linked(text[at : mention.start]), called]
        at = mention.end
    return Markup("").join([*parts, linked(text[at:])])


def file_size(size: int) -> str:
    """Bytes as people say them."""
    if size < _KILO:
        return f"{size} bytes"
    kilo = size / _KILO
    return f"{kilo:.0f} kB" if kilo < _KILO else f"{kilo / _KILO:.1f} MB"


class _Page:
    """Sentences as a page shows them."""

    def text(self, said: str) -> str:
        """Escaped."""
        return str(as_html(said))

    def name(self, said: str) -> str:
        """A person."""
        return f'<bdi class="ps-person">{as_html(said)}</bdi>'

    def typed(self, said: str) -> str:
        """A word from whoever typed it, in whichever direction it is read."""
        return f"<bdi>{as_html(said)}</bdi>"

    def code(self, said: str) -> str:
        """A ticket."""
        return f'<a class="ps-code" href="{url_for("paidsupport.ticket", code=said)}">{escape(said)}</a>'

    def aside(self, said: str) -> str:
        """What matters less."""
        return f'<span class="ps-muted">{escape(said)}</span>'


_PAGE = _Page()


def said(event: Told, history: str, flow: Workflow, names: Mapping[int, str]) -> Markup:
    """What a line of the history of a ticket or an issue says."""
    return Markup(current().events.say(history, event, flow, names, _PAGE))  # noqa: S704  # `_Page` escapes


#: Their names in our templates, which begin with `paidsupport_`: the host's filters stay as they are.
ALL: dict[str, Callable[..., Any]] = {
    "when": when,
    "time": time,
    "stamp": stamp,
    "moment": full_moment,
    "money": money,
    "sum": amount,
    "capped": capped,
    "duration": duration,
    "file_size": file_size,
    "linked": linked,
    "mentions": mentions,
    "markdown": markdown,
    "pieces": pieces,
    "said": said,
    "state_icon": state_icon,
}
