"""The desk and the bare site in this very process, asked without a server between the clock and the code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

import flask
from sqlalchemy import Engine, create_engine

from benchmarks import corpus, seed_bare, seed_ours, site_bare
from benchmarks.bare import Bare
from benchmarks.client import Answer, Session
from benchmarks.load import Page, get
from benchmarks.ours import Ours, OursOnSqlite
from benchmarks.system import System
from benchmarks.wsgi import ask
from paidsupport.demo import create_app
from paidsupport.demo.users import db
from paidsupport.kernel.actors import CUSTOMER
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.migrate import upgrade
from paidsupport.kernel.staff import operations as people
from paidsupport.testing import mount_of

_LIST = "/support/api/v1/tickets"


class Local(Session):
    """Somebody who visits an application in this process."""

    def __init__(self, app: flask.Flask) -> None:
        """Nobody yet, without cookies."""
        super().__init__(0)
        self.app = app

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        reply = ask(self.app, path, method, (body or "").encode(), {"Cookie": self.cookie, **headers})
        told = Message()
        for name, value in reply.headers:
            told[name] = value
        self.keep_cookies(told.get_all("Set-Cookie") or [])
        return Answer(reply.status, told, reply.body.decode("utf-8", "replace"))


class _Here(System):
    """A contender whose application is in this process."""

    app: flask.Flask

    def visitor(self, port: int) -> Session:
        """Somebody who is not signed in."""
        del port
        return Local(self.app)


class OursHere(_Here, Ours):
    """The desk on PostgreSQL."""

    def seed(self) -> None:
        """Migrate, fill."""
        with self._engine() as engine:
            upgrade(engine)
            seed_ours.fill(engine, self.size)

    def pages(self, port: int) -> dict[str, Page]:
        """Those of a browser, and the list of tickets as programs get it."""
        bearer = {"Authorization": f"Bearer {self._token()}"}
        return {**super().pages(port), "list by API": get(self.visitor(port), _LIST, headers=bearer)}

    def _token(self) -> str:
        """A token of the first member of the staff."""
        mount = mount_of(self.app)
        with self.app.app_context(), mount.database.writing() as session:
            ctx = Context(mount.services, session, CUSTOMER, mount.clock())
            return people.new_token(ctx, corpus.agent_email(0), "benchmark", 1)

    def restock(self, count: int) -> list[str]:
        """Add fresh tickets after the corpus's."""
        with self._engine() as engine:
            return seed_ours.add(engine, self.size, count)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The application is there within."""
        self.app = create_app(_config(self.environment))
        yield
        with self.app.app_context():
            db.engine.dispose()
            mount_of(self.app).database.engine.dispose()

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        engine = create_engine(self.url)
        yield engine
        engine.dispose()


class OursHereOnSqlite(OursHere, OursOnSqlite):
    """The desk on a SQLite file in the folder of the (absent) cluster."""

    @property
    def file(self) -> Path:
        """Where its rows are."""
        return self.cluster.home / "ours.sqlite3"


class BareHere(_Here, Bare):
    """The bare site on PostgreSQL."""

    def seed(self) -> None:
        """Fill it."""
        seed_bare.fill_postgresql(self.size, self.claims, self._place)

    def reset(self) -> None:
        """Nothing is to be given back: every ticket is claimed once."""

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The application is there within."""
        tickets = self.tickets()
        self.app = site_bare.create_app(main=tickets)
        yield
        tickets.close()

    def tickets(self) -> site_bare.Tickets:
        """Its database."""
        return site_bare.OnPostgres(self._place)

    @property
    def _place(self) -> str:
        return self.cluster.url(self.database).replace("+psycopg", "")


class BareHereOnSqlite(BareHere):
    """The bare site on a SQLite file in the folder of the (absent) cluster."""

    @property
    def file(self) -> Path:
        """Where its rows are."""
        return self.cluster.home / "bare.sqlite3"

    def seed(self) -> None:
        """Fill it."""
        seed_bare.fill_sqlite(self.size, self.claims, str(self.file))

    def tickets(self) -> site_bare.Tickets:
        """Its database."""
        return site_bare.OnSqlite(str(self.file))


def _config(environment: dict[str, str]) -> dict[str, object]:
    """What Flask would read from the environment."""
    return {name.removeprefix("FLASK_"): _read(text) for name, text in environment.items()}


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
