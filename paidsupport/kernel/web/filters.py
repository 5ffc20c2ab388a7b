"""How moments, money and counts are written in pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from jinja2.utils import urlize
from markupsafe import Markup, escape

from paidsupport.kernel.actors import called
from paidsupport.kernel.counts import COUNT_LIMIT
from paidsupport.kernel.events import Told
from paidsupport.kernel.i18n.languages import spoken, translate
from paidsupport.kernel.i18n.messages import SPOKEN, ngettext
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import stored
from paidsupport.kernel.money import Money
from paidsupport.kernel.mount import current
from paidsupport.kernel.search import excerpt, marked
from paidsupport.kernel.staff.mentions import find as find_mentions
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.web.icons import state_icon
from paidsupport.kernel.web.jinja import as_html
from paidsupport.kernel.web.markdown import markdown
from paidsupport.kernel.web.quoted import pieces
from paidsupport.kernel.web.static_files import static
from paidsupport.kernel.workflow import Workflow

_KILO = 1024
_REL = "nofollow noopener noreferrer"
#: Of a text in small letters: ignoring the case is three times as slow.
_LINK = re.compile(r"://|www\.|@|\.(?:com|net|org)\b")
#: A colon behind an address, which is no part of it.
_COLON = re.compile(r'<a href="([^"<]*):"([^<>]*)>([^<]*):</a>')
#: What is shown of a link, and where that may be broken.
_SHOWN = re.compile(r">[^<>]*(?=</a>)")
_JOINT = re.compile(r"(?<=[/.])(?=\w)")
_LONG_TAIL = re.compile(r"[).>,<(]{30}")


def when(moment: datetime, now: datetime | None = None) -> str:
    """How long ago, or how far ahead: “3 hours ago”, “in 2 days”, “just now”."""
    return spoken().formats.ago(((now or current().clock()) - moment).total_seconds())


def duration(length: timedelta) -> str:
    """How long something took: “1 h 30 min”."""
    return spoken().formats.length(max(1, round(length.total_seconds() / 60)))


def full_moment(moment: datetime) -> str:
    """The whole of it in the desk's time zone: “23 Nov 2026, 07:49 CET”."""
    return spoken().formats.moment(current().services.hours.local(moment))


def day(moment: date) -> str:
    """A day, or that of a moment in the desk's time zone: “23 November 2026”."""
    return spoken().formats.day(_local(moment))


def short_day(moment: date) -> str:
    """As `day`, where there is little room: “23 Nov 2026”."""
    return spoken().formats.short(_local(moment))


def weekday(moment: date) -> str:
    """As `short_day`, with the day of the week: “Mon 23 Nov 2026”."""
    return spoken().formats.weekday(_local(moment))


def _local(moment: date) -> date:
    return current().services.hours.local(moment) if isinstance(moment, datetime) else moment


def exactly(moment: datetime) -> str:
    """For machines, in UTC as every moment here."""
    return f"{moment.isoformat()[:16]}Z"


def time(moment: datetime) -> Markup:
    """A `<time>` element: how long ago it was, and the exact moment for machines and on hovering."""
    return _element(moment, exactly(moment))


def ago(moment: datetime) -> Markup:
    """As `time`, as short as can be: a list has fifty of them."""
    mount, formats = current(), spoken().formats
    now, local = mount.clock(), mount.services.hours.local(moment)
    title = formats.moment(local, year=local.year != mount.services.hours.local(now).year)
    words = formats.ago((now - moment).total_seconds())
    return Markup(f'<span title="{title}">{words}</span>')  # noqa: S704  # nothing in it comes from people


def stamp(moment: datetime) -> Markup:
    """As `time`, to the microsecond."""
    return _element(moment, moment.isoformat())


def clock(moment: datetime) -> str:
    """The time of day where the desk is: “14:02”; for another day than today the whole of it."""
    hours, now = current().services.hours, current().clock()
    local = hours.local(moment)
    return f"{local:%H:%M}" if local.date() == hours.local(now).date() else full_moment(moment)


def _element(moment: datetime, exact: str) -> Markup:
    # nothing in it comes from people, and a queue has fifty of them: plain text is five times as quick
    mount = current()
    formats = spoken().formats
    full = formats.moment(mount.services.hours.local(moment))
    ago = formats.ago((mount.clock() - moment).total_seconds())
    return Markup(f'<time datetime="{exact}" title="{full}">{ago}</time>')  # noqa: S704


def money(ticket_or_service: object) -> str:
    """The price of anything that has `price_minor` and `currency`."""
    return translate(Money(ticket_or_service.price_minor, ticket_or_service.currency))  # type: ignore[attr-defined,no-any-return]


def amount(priced: Mapping[str, Any]) -> str:
    """As `money`, for a mapping with the two: invoices have more than one sum."""
    return str(translate(Money(priced["price_minor"], priced["currency"])))


def capped(number: int) -> str:
    """A count that stops at COUNT_LIMIT: “1,000+”."""
    formats = spoken().formats
    return f"{formats.number(COUNT_LIMIT)}+" if number > COUNT_LIMIT else formats.number(number)


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
    return Markup(_COLON.sub(r'<a href="\1"\2>\3</a>:', "\n".join(shown)))  # noqa: S704


def breakable(html: Markup) -> Markup:
    """What `linked` made, with places where a long address is broken in a narrow column."""
    # as safe as it was
    return Markup(_SHOWN.sub(lambda shown: _JOINT.sub("<wbr>", shown[0]), html))  # noqa: S704


def named(html: Markup, page: str) -> Markup:
    """The output of `linked`, with links to parts of `page` under the words before them.

    For HTML emails: “Great: https://…” is a link “Great”, if that is all of the line.
    """
    if not page:
        return html
    address = re.escape(str(escape(page)))
    line = rf'^([^\n<>]+?)\s?: (<a href="{address}\?[^"<>]*"[^<>]*>)[^<>]*</a>$'
    # only moves what is escaped already
    return Markup(re.sub(line, r"\2\1</a>", str(html), flags=re.MULTILINE))  # noqa: S704


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
    number = spoken().formats.number
    if size < _KILO:
        return str(translate(ngettext("%(num)s byte", "%(num)s bytes", size)))
    kilo = size / _KILO
    # Translators: sizes of files
    said = (
        _("%(size)s kB", size=number(kilo))
        if kilo < _KILO
        else _("%(size)s MB", size=number(kilo / _KILO, 1))
    )
    return str(translate(said))


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


def in_language(text: str) -> str:
    """What was stored in English and is declared, in the language spoken; anything else as it is."""
    found = stored(text)
    if found is text and SPOKEN.get() is not None:
        # what workers do declares sentences as well, and is imported by the first page that may show one
        _ = current().capabilities.background
        found = stored(text)
    return str(translate(found))


#: Their names in our templates, which begin with `paidsupport_`: the host's filters stay as they are.
ALL: dict[str, Callable[..., Any]] = {
    "when": when,
    "time": time,
    "stamp": stamp,
    "ago": ago,
    "clock": clock,
    "moment": full_moment,
    "day": day,
    "date": short_day,
    "weekday": weekday,
    "money": money,
    "sum": amount,
    "capped": capped,
    "duration": duration,
    "file_size": file_size,
    "linked": linked,
    "breakable": breakable,
    "named": named,
    "mentions": mentions,
    "markdown": markdown,
    "pieces": pieces,
    "said": said,
    "stored": in_language,
    "called": called,
    "translated": translate,
    "state_icon": state_icon,
    "marked": marked,
    "excerpt": excerpt,
    "static": static,
}
