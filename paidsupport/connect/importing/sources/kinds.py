"""The kinds of sources, by their names; each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Protocol

from paidsupport.connect.importing.rules import Given
from paidsupport.kernel.context import Services
from paidsupport.kernel.i18n.messages import gettext as _


class Source(Protocol):
    """What another system says, ticket by ticket."""

    def given(self, after: str) -> Iterator[Given]:
        """Its lines and remarks, in the order of its tickets.

        Args:
            after: Go on behind this ticket, where that saves asking for those before it; empty: all.
        """

    def open(self, name: str) -> IO[bytes]:
        """The content of a file of the latest ticket. Raises OSError."""

    def close(self) -> None:
        """Let go of whatever it holds."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a source is made of.

    Attributes:
        source: What the system is called in the lines.
        path: Its file or folder, if it has one.
        options: What was chosen: `columns`, `ours`, `url` …
        secret: The token or password.
        services: Those of the desk.
    """

    source: str
    services: Services
    path: Path = field(default_factory=Path)
    options: Mapping[str, Any] = field(default_factory=dict)
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source.

    Attributes:
        name: As it is stored.
        label: As it is shown.
        module: The one in `sources` with the function `opened`.
        asks: Whether it is asked over the network.
    """

    name: str
    label: str
    module: str
    asks: bool = False

    def open(self, wanted: Wanted) -> Source:
        """A source of this kind.

        Raises:
            InvalidInputError: It cannot be read, by field.
        """
        module = import_module(f"paidsupport.connect.importing.sources.{self.module}")
        opened: Callable[[Wanted], Source] = module.opened
        return opened(wanted)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("lines", _("Lines of JSON"), "lines"),
        Kind("helpdesk", _("django-helpdesk"), "helpdesk"),
        Kind("mbox", _("Emails (mbox or Maildir)"), "emails"),
        Kind("csv", _("Table (CSV)"), "table"),
        Kind("rt", _("Request Tracker"), "rt", asks=True),
        Kind("zammad", _("Zammad"), "zammad", asks=True),
    )
}
