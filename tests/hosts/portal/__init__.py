"""A portal with rules for everything: a strict Content-Security-Policy, JSON errors, strict templates.

People are signed in by a server in front of it, which sends their account in a header. Many portals run in
one process, each with two databases: its own, and one for the desk.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path

import click
from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask.cli import with_appcontext
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from jinja2 import FileSystemBytecodeCache, StrictUndefined
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import HTTPException

from paidsupport import PaidSupport, Visitor

#: One that trusts what this site serves, and one that trusts only the scripts it has marked.
SAME_ORIGIN = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
NONCE = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def visitor() -> Visitor | None:
    """The account that the server in front has let in."""
    account = request.headers.get("Remote-User")
    return Visitor(id=account, name=account.title(), email=f"{account}@example.org") if account else None


db = SQLAlchemy()
support = PaidSupport(db=db, bind_key="desk", visitor=visitor, nonce=lambda: g.nonce)


class Notice(db.Model):  # type: ignore[name-defined]  # Flask-SQLAlchemy makes Model at run time
    """Something everybody should know."""

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def create_app(config: Mapping[str, object], *, mounted: bool = True, instance: Path | None = None) -> Flask:
    """A portal, with the desk or without."""
    app = Flask(__name__, instance_path=str(instance) if instance else None)
    app.config.update(
        PAIDSUPPORT_LAYOUT="layout.html",
        PAIDSUPPORT_URL_PREFIX="/help/desk",
        PAIDSUPPORT_CSP="",
        PORTAL_CSP=SAME_ORIGIN,
    )
    app.config.update(config)
    compiled = Path(app.instance_path) / "templates"
    compiled.mkdir(parents=True, exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(compiled))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # the same names as filters and templates of the desk have, or might have
    app.jinja_env.filters.update(money=lambda _: "gold", when=lambda _: "once", time=lambda _: "noon")
    db.init_app(app)
    app.before_request(mark)
    app.after_request(restrict)
    app.register_error_handler(HTTPException, as_json)
    app.register_error_handler(404, as_json)
    app.register_error_handler(500, as_json)
    app.add_url_rule("/", view_func=index)
    app.add_url_rule("/notices", view_func=add, methods=["POST"])
    app.add_url_rule("/broken", view_func=broken)
    app.cli.add_command(init_db)
    if mounted:
        support.init_app(app)
    return app


def mark() -> None:
    """A nonce for the scripts of this answer."""
    g.nonce = base64.b64encode(os.urandom(12)).decode()


def restrict(response: Response) -> Response:
    """The policy for every answer of this site."""
    policy = str(current_app.config["PORTAL_CSP"]).format(nonce=g.get("nonce", ""))
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Frame-Options"] = "DENY"
    return response


def as_json(error: Exception) -> ResponseReturnValue:
    """All errors of this site are JSON."""
    code = getattr(error, "code", 500)
    return jsonify(error=code, path=request.path), code


def index() -> str:
    """All notices."""
    return render_template("index.html", notices=db.session.scalars(select(Notice).order_by(Notice.id)).all())


def add() -> ResponseReturnValue:
    """Put a notice up, if the server in front knows who asks."""
    if visitor() is None:
        return jsonify(error="who?"), 401
    db.session.add(Notice(text=request.get_json()["text"]))
    db.session.commit()
    return jsonify(ok=True), 201


def broken() -> ResponseReturnValue:
    """A page with a mistake in it."""
    return render_template("broken.html")


@click.command("init-db")
@with_appcontext
def init_db() -> None:
    """Make the portal's tables."""
    db.create_all(bind_key=None)
