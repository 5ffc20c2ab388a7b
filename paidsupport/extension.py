"""Binding a desk to a host app: `PaidSupport(db=db)` and `init_app(app)` are all a site has to write (P1)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from click import Command
from flask import Blueprint, Flask, current_app, has_app_context, has_request_context, request
from flask_wtf import CSRFProtect
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from paidsupport import tables  # noqa: F401  # every table there is, before one is asked for
from paidsupport.capabilities import ALL, BASIS
from paidsupport.connect.api.blueprint import api_of
from paidsupport.engines import Engines, checked, engines, events
from paidsupport.kernel.calendars import hours_of
from paidsupport.kernel.capability import Capabilities, Capability
from paidsupport.kernel.commands import LateGroup
from paidsupport.kernel.configuration.present import Present
from paidsupport.kernel.configuration.sealing import opener
from paidsupport.kernel.context import Services
from paidsupport.kernel.db.engine import Database, embedded
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.files import FileStore
from paidsupport.kernel.hooks import Hooks
from paidsupport.kernel.hours import Hours
from paidsupport.kernel.keyring import NO_KEY, Keyring
from paidsupport.kernel.links import Links
from paidsupport.kernel.mail.transports import Transport, from_url
from paidsupport.kernel.mount import KEY, Mount, Visitor
from paidsupport.kernel.storage import LocalFiles
from paidsupport.kernel.transitions import Effect, Fact
from paidsupport.kernel.web.blueprint import pages_of
from paidsupport.kernel.web.identity import flask_login_visitor, note_sign_ins, usual_nonce
from paidsupport.kernel.workflow import Workflow
from paidsupport.manage.first.saying import say_setup_code
from paidsupport.privacy.tone import Language
from paidsupport.settings import Settings
from paidsupport.tickets.conversation.tone_files import tone_of
from paidsupport.tickets.vault.operations import comparing, gate, sealing
from paidsupport.tickets.views.admission import admit

log = logging.getLogger("paidsupport.vault")
mount_log = logging.getLogger("paidsupport.mount")


class PaidSupport:
    """The support desk. One object may be bound to several applications; it keeps none of them.

    `db`: the host's Flask-SQLAlchemy (with `bind_key`, one of its binds); or `engine`: a function that
    returns a SQLAlchemy engine. With neither, the desk keeps a SQLite file in the instance folder.
    `visitor`: who is signed in; by default Flask-Login's current user, if the host has it.
    `fresh`: whether that visitor has proved lately who they are; by default whether Flask-Login signed them
    in within PAIDSUPPORT_FRESH_MINUTES. Without either, no login can be viewed.
    `nonce`: what marks a script as the site's own under its policy; by default what `csp_nonce()` gives in
    its templates, if there is that.
    `language`: the tag of the language that the site speaks in this request, or None; without it, or if
    the desk does not speak that, the browser says which languages are understood.
    `workflows`: rules of the site's own, beside the shipped ones; `guards`, by name, and `effects` are what
    they need and bring about beyond ours. `files`, `transport`: replacements.
    `capabilities`: what the desk consists of; by default all of `paidsupport.capabilities`.
    """

    def __init__(  # noqa: PLR0913  # each is a part that a site may replace
        self,
        app: Flask | None = None,
        *,
        db: Any = None,  # noqa: ANN401  # Flask-SQLAlchemy's class, which this must not need at run time
        bind_key: str | None = None,
        engine: Callable[[], Engine] | None = None,
        visitor: Callable[[], Visitor | None] | None = None,
        fresh: Callable[[], bool] | None = None,
        nonce: Callable[[], str] | None = None,
        language: Callable[[], str | None] | None = None,
        workflows: Iterable[Workflow] = (),
        guards: Mapping[str, Fact] | None = None,
        effects: Iterable[Effect] = (),
        capabilities: Iterable[Capability] = ALL,
        files: FileStore | None = None,
        transport: Transport | None = None,
    ) -> None:
        if db is not None and engine is not None:
            raise ConfigurationError("Give PaidSupport either db or engine, not both.")
        self._engine = engine or (None if db is None else lambda: db.engines[bind_key])
        self._visitor = visitor or flask_login_visitor
        self._fresh = fresh
        self._nonce = nonce or usual_nonce
        self._language = language or (lambda: None)
        chosen = tuple(capabilities)
        self._capabilities = Capabilities([*(each for each in BASIS if each not in chosen), *chosen])
        self._engines = engines(self._capabilities, guards, effects)
        self._workflows = checked(self._capabilities, workflows, self._engines)
        self._events = events(self._capabilities, self._workflows)
        self._files = files
        self._transport = transport
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Bind the desk to `app`. Raises ConfigurationError for a second time and for wrong settings."""
        if KEY in app.extensions:
            raise ConfigurationError(
                "paidsupport is already mounted in this application. Call init_app only once."
            )
        settings = Settings.from_config(app.config)
        _warn_without_key(settings)
        hours, tone = hours_of(settings), tone_of(settings)
        for check in self._capabilities.all("checks"):
            check(settings)  # what is wrong with them is said at the start
        app.extensions[KEY] = Mount(
            settings=settings,
            visitor=self._visitor,
            fresh=self._fresh,
            nonce=self._nonce,
            language=self._language,
            workflows=self._workflows,
            events=self._events,
            make_database=lambda: _database(self._engine, settings),
            capabilities=self._capabilities,
            make_services=lambda mount: _services(mount, self._engines, hours, tone),
            make_files=lambda: self._files or LocalFiles(_files_folder(settings)),
            make_transport=lambda: self._transport or from_url(settings.mail_url),
            admit=admit,
            outside=comparing.outside,
        )
        if self._fresh is None:
            note_sign_ins(app)
        _mount(app, pages_of(self._capabilities), settings.url_prefix)
        if self._capabilities.has_api:
            _mount(app, api_of(self._capabilities), f"{settings.url_prefix}/api/v1")
        app.cli.add_command(
            LateGroup(KEY, "Set up and run the support desk.", partial(_commands, self._capabilities))
        )


def _mount(app: Flask, blueprint: Blueprint, url_prefix: str) -> None:
    blueprint.url_value_preprocessor(_exempt)
    app.register_blueprint(blueprint, url_prefix=url_prefix)


def _commands(capabilities: Capabilities) -> Mapping[str, Command]:
    from paidsupport.kernel.cli import commands_of  # noqa: PLC0415  # late: a web worker runs none

    return commands_of(capabilities)


def _exempt(_endpoint: str | None, _parts: dict[str, Any] | None) -> None:
    """Keep the host's CSRFProtect off our routes: every form of ours checks its own token, in our words.

    This runs before its check, whichever of the two was set up first.
    """
    csrf = current_app.extensions.get("csrf")
    if isinstance(csrf, CSRFProtect):
        csrf.exempt(current_app.blueprints[request.blueprint or ""])


def _database(engine: Callable[[], Engine] | None, settings: Settings) -> Database:
    found = engine() if engine else embedded(Path(current_app.instance_path))
    return Database(found, relaxed=settings.relaxed_durability)


def _files_folder(settings: Settings) -> Path:
    return Path(settings.files or Path(current_app.instance_path) / "paidsupport-files")


def _warn_without_key(settings: Settings) -> None:
    """Warn at the start if customers cannot share logins, and say how to change that."""
    if (fault := Keyring(settings.vault_keys).fault) == NO_KEY:
        log.warning("customers cannot share logins: %s", fault)


def _say_if_closed(database: Database, keys: Keyring) -> None:
    """Tell the log why the vault is closed, if it is: the rest of the desk works all the same."""
    try:
        with database.reading() as session:
            faults = sealing.faults_of(session, keys)
    except SQLAlchemyError:
        # before the first migration there are no tables, and nothing is in them
        faults = [keys.fault] if keys.fault and keys.fault != NO_KEY else []
    for fault in faults:
        log.error("the vault is closed: %s", fault)


def _services(
    mount: Mount, engines: Engines, hours: Hours, tone: Callable[[], tuple[Language, ...]]
) -> Services:
    keys = [*(current_app.config.get("SECRET_KEY_FALLBACKS") or []), current_app.config.get("SECRET_KEY")]
    # looked up here, where the application is at hand: a worker has none around it
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # a proxy
    keyring, links = Keyring(mount.settings.vault_keys), Links([key for key in keys if key])
    _say_if_closed(mount.database, keyring)
    for fault in mount.faults():
        mount_log.error("%s", fault)
    others = {workflow.name: workflow for workflow, _engine in mount.capabilities.all("engines")}
    services = Services(
        settings=mount.settings,
        present=Present(mount.settings, mount.settle, opener(links), {**mount.workflows, **others}),
        workflows=mount.workflows,
        engines=engines,
        links=links,
        files=mount.files,
        vault=keyring,
        hours=hours,
        tone=tone,
        render=_renderer(app, mount),
        gate=gate.compare,
        hooks=Hooks(mount.capabilities.all("hooks"), mount.capabilities.all("subscriptions")),
        capabilities=mount.capabilities,
        events=mount.events,
    )
    if has_request_context():
        # commands print it themselves
        say_setup_code(mount, services.links)
    return services


def _renderer(app: Flask, mount: Mount) -> Callable[[str, Mapping[str, object]], str]:
    """Rendering emails in a request, a command or a bare thread.

    Templates of emails use filters, ours and those of the site, that ask for the current application: it is
    made current where it is not.
    """

    def render(name: str, context: Mapping[str, object]) -> str:
        with nullcontext() if has_app_context() and current_app == app else app.app_context():
            return mount.templates.get_template(f"paidsupport/{name}").render(context)

    return render
