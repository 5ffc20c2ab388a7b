"""The desk of one application, in `app.extensions["paidsupport"]`. Nothing here keeps the app."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, current_app
from jinja2 import Environment, TemplateNotFound

from paidsupport.kernel.by_clock import ByClock
from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.context import Compared, Context, Services
from paidsupport.kernel.db.engine import Database
from paidsupport.kernel.errors import NO_FRESHNESS, ConfigurationError
from paidsupport.kernel.events import Events
from paidsupport.kernel.files import FileStore
from paidsupport.kernel.i18n.languages import spoken
from paidsupport.kernel.mail.transports import Transport
from paidsupport.kernel.web.jinja import environment_of
from paidsupport.kernel.workflow import Workflow
from paidsupport.settings import Settings

T = TypeVar("T")

#: Where `PaidSupport.init_app` leaves a `Mount`.
KEY = "paidsupport"
#: Hosts that only this machine finds itself under.
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person who is signed in to the host: their id as text, and their name and address if known."""

    id: str
    name: str = ""
    email: str = ""


class Recent:
    """A few values by their key; the ones not asked for the longest are forgotten. Safe between threads."""

    def __init__(self, most: int = 128) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value kept under `key` in the language spoken now, or what `make` makes of it now."""
        key = (spoken().tag, key)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast("T", self._kept[key])
        value = make()
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value


@dataclass
class Mount:
    """The parts of one mounted desk, each made when first needed: the order of set-up is free."""

    settings: Settings
    visitor: Callable[[], Visitor | None]
    #: None: Flask-Login is asked.
    fresh: Callable[[], bool] | None
    nonce: Callable[[], str]
    #: The tag of the language that the site speaks in this request; empty or None if it does not say.
    language: Callable[[], str | None]
    workflows: Mapping[str, Workflow]
    capabilities: Capabilities
    events: Events
    make_database: Callable[[], Database]
    make_services: Callable[[Mount], Services]
    make_files: Callable[[], FileStore]
    make_transport: Callable[[], Transport]
    #: Admits a person to a page. Takes a context, for whom the page is (a `web.guards.Who`), the parts of its
    #: address; returns the context with who acts, and replaces parts by what the view gets; or aborts.
    admit: Callable[[Context, str, dict[str, Any]], Context]
    #: Runs a request, and again once what it has to compare was compared outside of its transaction.
    outside: Callable[[Callable[[Compared], Any], Sequence[str]], Any]
    #: The one clock; tests set it.
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    #: Parts of pages that are the same for every visitor until something changes.
    drawn: Recent = field(default_factory=Recent)
    #: What this process may still answer to each token of the JSON API.
    shares: dict[int, object] = field(default_factory=dict)
    #: What the log was warned of once.
    warned: set[str] = field(default_factory=set)
    #: The templates of each language that was spoken.
    _environments: dict[str, Environment] = field(default_factory=dict)

    @cached_property
    def database(self) -> Database:
        """Sessions on the host's engine, or on the embedded database."""
        return self.make_database()

    @cached_property
    def files(self) -> FileStore:
        """Where the bytes of files are."""
        return self.make_files()

    @cached_property
    def transport(self) -> Transport:
        """How mail leaves."""
        return self.make_transport()

    @property
    def templates(self) -> Environment:
        """The host's Jinja with our options, for templates in the language that is spoken now."""
        language = spoken()
        found = self._environments.get(language.tag)
        if found is None:
            app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # a proxy
            found = self._environments[language.tag] = environment_of(app, language)
        return found

    @cached_property
    def services(self) -> Services:
        """What every operation is given."""
        return self.make_services(self)

    def settle(self) -> None:
        """Go on with what managers have changed."""
        self.services = self.services.present.taken_over(self.services)
        self.settings = self.services.settings
        # last: what is drawn anew from now on is drawn with these
        self.drawn = Recent()

    def refresh(self) -> None:
        """Take over what managers have changed, for what depends on it before an operation begins."""
        present, now = self.services.present, self.clock()
        if present.is_due(now):
            with self.database.reading() as session:
                present.of(self.services, session, now)

    @property
    def by_clock(self) -> ByClock:
        """The desk, for what it does by itself."""
        return ByClock(self.services, self.database, self.clock)

    def faults(self) -> list[str]:
        """What is wrong with how the site mounts us. Ask once the site is set up."""
        return [*filter(None, (self.layout_fault(), self.freshness_fault(), self.address_fault()))]

    def address_fault(self) -> str:
        """Why links in emails lead nowhere, if emails leave but the site has no address; otherwise empty."""
        address = self.settings.base_url
        if not self.settings.mail_url.startswith("smtp") or urlsplit(address).hostname not in _THIS_MACHINE:
            return ""
        return f"Links in emails lead to {address}. Set PAIDSUPPORT_BASE_URL to the address of the site."

    def layout_fault(self) -> str:
        """Why no page can be shown, if the site has no template for the layout; otherwise empty."""
        loader, layout = self.templates.loader, self.settings.layout
        try:
            if loader:
                loader.get_source(self.templates, layout)
        except TemplateNotFound:
            return f"PAIDSUPPORT_LAYOUT: this site has no template {layout!r}, so no page can be shown."
        return ""

    def freshness_fault(self) -> str:
        """Why no login can be viewed, if the site cannot say when a person signed in; otherwise empty."""
        knows = self.fresh is not None or hasattr(current_app, "login_manager")
        return "" if knows or not self.settings.vault_keys else NO_FRESHNESS


def current() -> Mount:
    """The desk of the current application. Raises ConfigurationError."""
    try:
        # every page asks for it dozens of times, and a proxy looks an attribute up slowly
        found: Mount = current_app._get_current_object().extensions[KEY]  # type: ignore[attr-defined]  # noqa: SLF001
    except KeyError:
        raise ConfigurationError(
            "paidsupport is not mounted in this application. Did you forget to call init_app?"
        ) from None
    return found
