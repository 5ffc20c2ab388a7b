"""The users of the demonstration site: its own table in its own metadata, as in any host app."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from flask_login import LoginManager, UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from paidsupport.kernel.db.prepared import fetch_one

db = SQLAlchemy()
login_manager = LoginManager()
login_manager.login_view = "home.login"
login_manager.login_message = None

#: The demo's password is public, so its hashes do not have to be slow.
METHOD = "pbkdf2:sha256:50000"


class User(UserMixin, db.Model):  # type: ignore[name-defined]  # Flask-SQLAlchemy makes Model at run time
    """A user who can sign in."""

    __tablename__ = "site_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password: Mapped[str] = mapped_column(String(200))


@dataclass
class Visitor(UserMixin):
    """The signed-in user, with the columns that pages show."""

    id: int
    name: str
    email: str


_BY_ID = select(User.id, User.name, User.email).where(User.id == bindparam("id"))


@login_manager.user_loader
def load(user_id: str) -> Visitor | None:
    """The user with this id.

    Every page needs it, so it bypasses `db.session`, which would hold a connection and a transaction until
    the end of the request, and SQLAlchemy's overhead for each statement.
    """
    if not user_id.isdecimal():
        return None
    with db.engine.connect() as connection:
        alone = connection.execution_options(isolation_level="AUTOCOMMIT")
        row = fetch_one(alone, _BY_ID, {"id": int(user_id)})
    return Visitor(*row) if row else None


def by_password(email: str, password: str) -> User | None:
    """The user with this address, if the password is theirs."""
    user = db.session.scalar(select(User).where(User.email == email.strip().lower().replace("\0", "")))
    right = check_password_hash(user.password if user else _nobody(), password)
    return user if user and right else None


@cache
def _nobody() -> str:
    """A hash that is no user's: compared for unknown addresses, so that both take the same time."""
    return generate_password_hash("nobody", METHOD)


def ensure(email: str, name: str, password: str) -> User:
    """The user with this address, created if there is none."""
    user = db.session.scalar(select(User).where(User.email == email))
    if user is None:
        user = User(email=email, name=name, password=generate_password_hash(password, METHOD))
        db.session.add(user)
        db.session.flush()
    return user
