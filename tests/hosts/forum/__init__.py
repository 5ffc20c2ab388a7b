"""A forum on plain SQLAlchemy: its own engine, its own Alembic chain, no log-in, members with UUIDs."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import click
from alembic import command
from alembic.config import Config
from flask import Flask, abort, current_app, jsonify, redirect, render_template, request, session
from flask.cli import AppGroup
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine, ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from paidsupport import PaidSupport, Visitor


class Base(DeclarativeBase):
    """The forum's own tables."""


class Member(Base):
    """Somebody who has given a name."""

    __tablename__ = "member"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class Post(Base):
    """Something somebody said."""

    __tablename__ = "post"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("member.id"))
    text: Mapped[str]


def engine() -> Engine:
    """The engine of the current application."""
    return cast("Engine", current_app.extensions["forum"])


def visitor() -> Visitor | None:
    """Who the session says this is."""
    if "member" not in session:
        return None
    return Visitor(id=session["member"], name=session["name"])


def create_app(config: Mapping[str, object], *, mounted: bool = True, instance: Path | None = None) -> Flask:
    """The forum, with the desk or without."""
    app = Flask(__name__, instance_path=str(instance) if instance else None)
    app.config.update(PAIDSUPPORT_LAYOUT="forum.html", PAIDSUPPORT_URL_PREFIX="/ask/")
    app.config.update(config)
    app.extensions["forum"] = create_engine(str(app.config["FORUM_DATABASE"]))
    for rule, view in (("/", index), ("/join", join), ("/posts", post), ("/members/<uuid:member>", show)):
        app.add_url_rule(rule, view_func=view, methods=["GET"] if view in {index, show} else ["POST"])
    app.cli.add_command(forum)
    if mounted:
        PaidSupport(app, engine=engine, visitor=visitor)
    return app


def index() -> str:
    """Everything that was said."""
    with Session(engine()) as db:
        return render_template("talk.html", posts=db.scalars(select(Post).order_by(Post.id)).all())


def join() -> ResponseReturnValue:
    """Give a name, get an identity."""
    member = Member(id=uuid.uuid4(), name=request.form["name"])
    with Session(engine()) as db, db.begin():
        db.add(member)
        session["member"], session["name"] = str(member.id), member.name
    return redirect("/")


def post() -> ResponseReturnValue:
    """Say something."""
    if "member" not in session:
        abort(403, "Join first.")
    with Session(engine()) as db, db.begin():
        db.add(Post(member_id=uuid.UUID(session["member"]), text=request.form["text"]))
    return redirect("/")


def show(member: uuid.UUID) -> ResponseReturnValue:
    """One member, for programs."""
    with Session(engine()) as db:
        found = db.get(Member, member) or abort(404)
        return jsonify(id=str(found.id), name=found.name)


forum = AppGroup("forum", help="The forum's own tables.")


@forum.command("upgrade")
def upgrade() -> None:
    """Bring the forum's tables to the newest revision."""
    command.upgrade(_alembic(), "head")


@forum.command("downgrade")
def downgrade() -> None:
    """Take the forum's tables away."""
    command.downgrade(_alembic(), "base")


@forum.command("check")
def check() -> None:
    """Fail where the forum's tables are not as its code wants them."""
    command.check(_alembic())
    click.echo("nothing to do")


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
