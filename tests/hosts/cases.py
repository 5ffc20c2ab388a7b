"""The hosts as the tests want them: made in one way, each with what is different about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.hosts import blog, forum, portal, shop, walks
from tests.people import csrf_token

SECRET = {"SECRET_KEY": "a secret of the host", "PAIDSUPPORT_RELAXED_DURABILITY": True}


@dataclass(frozen=True)
class Case:
    """One kind of host, tried on each of `kinds` of databases; `layout` is seen on all its pages."""

    name: str
    create: Callable[..., Flask]
    walk: Callable[[FlaskClient], list[TestResponse]]
    sign_in: Callable[[FlaskClient], str]
    layout: str
    prefix: str
    upgrade: tuple[str, ...]
    downgrade: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    #: Turns the address of an empty database into settings.
    config: Callable[[str], Mapping[str, object]] = lambda _uri: {}
    kinds: tuple[str, ...] = ("sqlite",)
    more: Mapping[str, object] = field(default_factory=dict)

    def make(
        self,
        uri: str,
        folder: Path,
        config: Mapping[str, object] | None = None,
        *,
        mounted: bool = True,
        **options: object,
    ) -> Flask:
        """The host on the empty database at `uri`; its own tables are still to be made."""
        config = {**SECRET, **self.config(uri), **self.more, **(config or {})}
        if not mounted:
            config = {key: value for key, value in config.items() if not key.startswith("PAIDSUPPORT_")}
        return self.create(config, mounted=mounted, instance=folder, **options)


def _shop_sign_in(client: FlaskClient) -> str:
    fields = {"csrf_token": csrf_token(client, "/login"), "email": "ada@example.org"}
    assert client.post("/login", data=fields).status_code == 302
    return "1"


def _forum_sign_in(client: FlaskClient) -> str:
    client.post("/join", data={"name": "Ada"})
    with client.session_transaction() as session:
        return str(session["member"])


def _blog_sign_in(client: FlaskClient) -> str:
    client.post("/login", data={"username": "Ada"})
    return "1"


def _portal_sign_in(client: FlaskClient) -> str:
    client.environ_base["HTTP_REMOTE_USER"] = "ada"
    return "ada"


def _two_databases(uri: str) -> Mapping[str, object]:
    """The portal’s own database in a file beside the desk’s."""
    own = uri.replace(".sqlite3", "-own.sqlite3")
    return {"SQLALCHEMY_DATABASE_URI": own, "SQLALCHEMY_BINDS": {"desk": uri}}


SHOP = Case(
    "shop",
    shop.create_app,
    walks.shop,
    _shop_sign_in,
    layout="shop-nav",
    prefix="/support",
    upgrade=("db", "upgrade"),
    downgrade=("db", "downgrade", "base"),
    check=("db", "check"),
    config=lambda uri: {"SQLALCHEMY_DATABASE_URI": uri},
    kinds=("sqlite", "postgresql"),
)
FORUM = Case(
    "forum",
    forum.create_app,
    walks.forum,
    _forum_sign_in,
    layout="forum-head",
    prefix="/ask",
    upgrade=("forum", "upgrade"),
    downgrade=("forum", "downgrade"),
    check=("forum", "check"),
    config=lambda uri: {"FORUM_DATABASE": uri},
    kinds=("sqlite", "postgresql"),
)
BLOG = Case(
    "blog",
    blog.create_app,
    walks.blog,
    _blog_sign_in,
    layout="<h1>Flaskr</h1>",
    prefix="/support",
    upgrade=("init-db",),
)
PORTAL = Case(
    "portal",
    portal.create_app,
    walks.portal,
    _portal_sign_in,
    layout="portal-head",
    prefix="/help/desk",
    upgrade=("init-db",),
    config=_two_databases,
)
NONCE_PORTAL = Case(
    "portal with nonces",
    portal.create_app,
    walks.portal,
    _portal_sign_in,
    layout="portal-head",
    prefix="/help/desk",
    upgrade=("init-db",),
    config=_two_databases,
    more={"PORTAL_CSP": portal.NONCE},
)
CASES = (SHOP, FORUM, BLOG, PORTAL, NONCE_PORTAL)


def engines(app: Flask) -> list[sa.Engine]:
    """Every engine that the host or the desk has made in `app`."""
    found: list[sa.Engine] = []
    with app.app_context():
        if database := app.extensions.get("sqlalchemy"):
            found += database.engines.values()
    found += [app.extensions["forum"]] if "forum" in app.extensions else []
    mount = app.extensions.get("paidsupport")
    return found + ([mount.database.engine] if mount and "database" in vars(mount) else [])


def is_ours(table: str) -> bool:
    """Whether a table is the desk's."""
    return table.startswith("paidsupport_")


def own_uri(app: Flask) -> str:
    """Where the host's own tables are."""
    names = ("SQLALCHEMY_DATABASE_URI", "FORUM_DATABASE")
    return next(
        (str(app.config[name]) for name in names if name in app.config),
        f"sqlite:///{app.config.get('DATABASE')}",
    )
