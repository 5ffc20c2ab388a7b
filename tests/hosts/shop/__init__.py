"""A shop: Flask-SQLAlchemy, Flask-Migrate, Flask-Login, CSRFProtect; its users have whole numbers for ids.

It knows nothing of the tests, so that it can also run far away from them, beside an installed wheel.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

from paidsupport import PaidSupport

from .models import db
from .pages import login_manager, pages

migrate = Migrate()
csrf = CSRFProtect()
support = PaidSupport(db=db)


def create_app(
    config: Mapping[str, object] | None = None,
    *,
    mounted: bool = True,
    desk_first: bool = False,
    instance: Path | None = None,
) -> Flask:
    """The shop, with the desk or without; `desk_first` mounts it before all other extensions."""
    app = Flask(__name__, instance_path=str(instance) if instance else None)
    app.config.update(
        SQLALCHEMY_DATABASE_URI="sqlite:///shop.sqlite3",
        MIGRATIONS=str(Path(__file__).parent / "migrations"),
        PAIDSUPPORT_LAYOUT="shop.html",
    )
    app.config.from_prefixed_env()
    app.config.update(config or {})
    if mounted and desk_first:
        support.init_app(app)
    db.init_app(app)
    migrate.init_app(app, db, directory=app.config["MIGRATIONS"])
    login_manager.init_app(app)
    csrf.init_app(app)
    if mounted and not desk_first:
        support.init_app(app)
    app.register_blueprint(pages)
    return app
