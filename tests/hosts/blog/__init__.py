"""A blog as the Flask tutorial builds it: the sqlite3 module, `g.db`, and `session["user_id"]`."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import click
from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.cli import with_appcontext
from flask.typing import ResponseReturnValue

from paidsupport import PaidSupport, Visitor

SCHEMA = """
CREATE TABLE user (id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE NOT NULL);
CREATE TABLE post (id INTEGER PRIMARY KEY AUTOINCREMENT, author_id INTEGER NOT NULL, title TEXT NOT NULL);
"""
blog = Blueprint("blog", __name__)


def visitor() -> Visitor | None:
    """Whoever the tutorial's `load_user` has found."""
    return Visitor(id=str(g.user["id"]), name=g.user["username"]) if g.user else None


support = PaidSupport(visitor=visitor)


def create_app(config: Mapping[str, object], *, mounted: bool = True, instance: Path | None = None) -> Flask:
    """The blog, with the desk or without."""
    app = Flask(__name__, instance_path=str(instance) if instance else None)
    app.config.update(
        DATABASE=str(Path(app.instance_path) / "blog.sqlite"), PAIDSUPPORT_LAYOUT="blog/base.html"
    )
    app.config.update(config)
    Path(app.instance_path).mkdir(parents=True, exist_ok=True)
    app.teardown_appcontext(close_db)
    app.cli.add_command(init_db)
    app.register_blueprint(blog)
    if mounted:
        support.init_app(app)
    return app


def get_db() -> sqlite3.Connection:
    """The connection of this request."""
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["DATABASE"])
        g.db.row_factory = sqlite3.Row
    return cast("sqlite3.Connection", g.db)


def close_db(_error: BaseException | None = None) -> None:
    """Close it again."""
    if db := g.pop("db", None):
        db.close()


@click.command("init-db")
@with_appcontext
def init_db() -> None:
    """Make the blog's tables."""
    get_db().executescript(SCHEMA)


@blog.before_app_request
def load_user() -> None:
    """Who is signed in, as a row."""
    user_id = session.get("user_id")
    g.user = get_db().execute("SELECT * FROM user WHERE id = ?", (user_id,)).fetchone() if user_id else None


@blog.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Sign in; unknown people are made known."""
    if request.method == "GET":
        return render_template("blog/login.html")
    db, name = get_db(), request.form["username"]
    db.execute("INSERT OR IGNORE INTO user (username) VALUES (?)", (name,))
    db.commit()
    session.clear()
    session["user_id"] = db.execute("SELECT id FROM user WHERE username = ?", (name,)).fetchone()["id"]
    flash("You are in.")
    return redirect(url_for("blog.index"))


@blog.get("/")
def index() -> str:
    """All posts."""
    return render_template("blog/index.html", posts=get_db().execute("SELECT * FROM post").fetchall())


@blog.post("/create")
def create() -> ResponseReturnValue:
    """Write a post."""
    if g.user is None:
        return redirect(url_for("blog.login"))
    get_db().execute(
        "INSERT INTO post (author_id, title) VALUES (?, ?)", (g.user["id"], request.form["title"])
    )
    get_db().commit()
    return redirect(url_for("blog.index"))


@blog.get("/<int:number>")
def read(number: int) -> ResponseReturnValue:
    """One post."""
    found = get_db().execute("SELECT * FROM post WHERE id = ?", (number,)).fetchone()
    return dict(found) if found else abort(404, f"There is no post {number}.")
