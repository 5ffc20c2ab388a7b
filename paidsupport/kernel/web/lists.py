"""The one table of all lists of tickets and issues: its columns, and what a line says in them.

A list chooses columns by their keys; `paidsupport/_list.html` draws them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.messages import pgettext

#: The headings of the columns by their keys.
COLUMNS: Mapping[str, str] = {
    "code": _("Code"),
    "priority": _("Priority"),
    "subject": _("Subject"),
    "customer": _("Customer"),
    "service": _("Service"),
    "release": pgettext("software", "Release"),
    "price": _("Price"),
    "payment": _("Payment"),
    "turn": _("Whose turn"),
    "last": _("Last message"),
    "state": _("State"),
    "owner": _("Owner"),
    "received": _("Received"),
    "changed": _("Changed"),
    "due": _("Due"),
}
_NOTHING = Markup()


@dataclass(frozen=True, slots=True)
class Said:
    """The last word: who said it, when, and how it begins."""

    who: str
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Act:
    """What can be done with a line at once: a button, what it is called for who hears it, where it leads."""

    label: str
    about: str
    url: str
    #: The key that presses it while the line has the focus.
    key: str


@dataclass(slots=True)
class Line:
    """One ticket or issue in a list; what it does not have stays empty."""

    code: str
    url: str
    subject: str
    #: Name, label and part of its state.
    state: tuple[str, str, str]
    id: int = 0
    version: int = 0
    customer: str = ""
    service: str = ""
    release: str = ""
    price: str = ""
    #: How its payment stands: name, label and symbol; empty while there is nothing to say.
    payment: tuple[str, str, str] | None = None
    #: Whose turn it is, and whether it is that of the person who looks.
    turn: str = ""
    yours: bool = False
    said: Said | None = None
    #: What a search looked through: what it found in one of them stands in the place of the last word.
    texts: Sequence[str] = ()
    owner: str = ""
    #: The number of its priority, and what that is called unless it is the usual one.
    priority: int = 0
    urgency: str = ""
    received: datetime | None = None
    changed: datetime | None = None
    due: Markup = _NOTHING
    #: By what it is ordered among lines of other kinds.
    due_at: datetime | None = None
    tags: Sequence[str] = ()
    #: What stands beside its subject: that it is private, or late.
    notes: Sequence[str] = ()
    unread: bool = False
    #: What kind of thing it is, as its icon is called, in a list of several kinds.
    icon: str = ""
    act: Act | None = None

    @property
    def initials(self) -> str:
        """Those of its owner: of the first and the last of their names."""
        names = self.owner.split()
        return "".join(name[0] for name in (names[:1] + names[1:][-1:])).upper()


@dataclass(frozen=True, slots=True)
class OwnWork:
    """What a capability has for somebody to do: lines of their list, and what stands above and below it."""

    lines: Sequence[Line]
    above: Markup = _NOTHING
    below: Markup = _NOTHING


def tags_of(joined: str | None) -> list[str]:
    """The tags that a row of a list holds as one text; names have no commas."""
    return sorted(joined.split(",")) if joined else []


def headings(keys: Iterable[str], lines: Collection[Line]) -> list[tuple[str, str]]:
    """The columns of a list with their headings.

    Of some there is nothing to say on many pages: they are there if any line has something.
    """
    empty = {
        "due": not any(line.due for line in lines),
        "priority": not any(line.urgency for line in lines),
        "price": not any(line.price for line in lines),
        "payment": not any(line.payment for line in lines),
        "customer": not any(line.customer for line in lines),
        "release": not any(line.release for line in lines),
    }
    return [(key, COLUMNS[key]) for key in keys if not empty.get(key)]
