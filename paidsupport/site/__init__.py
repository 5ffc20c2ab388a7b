"""A small real site that mounts the desk: `make run` starts it, and it shows how little that takes.

`flask --app paidsupport.site …` gives its commands; `FLASK_*` environment variables configure it.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from flask import Flask
from flask_wtf import CSRFProtect

from paidsupport import PaidSupport
from paidsupport.site import demo
from paidsupport.site.users import db, login_manager
from paidsupport.site.views import home

csrf = CSRFProtect()
support = PaidSupport(db=db)


def create_app(config: dict[str, object] | None = None) -> Flask:
    """The site. `config` wins over the environment, which wins over the defaults."""
    app = Flask(__name__)
    app.config.update(
        SQLALCHEMY_DATABASE_URI="sqlite:///desk.sqlite3",
        SESSION_COOKIE_SAMESITE="Lax",
        PAIDSUPPORT_LAYOUT="site/base.html",
        PAIDSUPPORT_NAME="Gallery support",
        PAIDSUPPORT_MAIL_URL="keep:",
        PAIDSUPPORT_DEV_MAIL=True,
        PAIDSUPPORT_BASE_URL=f"http://127.0.0.1:{os.environ.get('PORT', '5000')}",
    )
    app.config.from_prefixed_env()
    app.config.update(config or {})
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or _kept_secret(Path(app.instance_path))
    db.init_app(app)
    login_manager.init_app(app)
    csrf.init_app(app)
    support.init_app(app)
    app.register_blueprint(home)
    app.cli.commands["paidsupport"].add_command(demo.command)  # type: ignore[attr-defined]  # a group
    return app


def _kept_secret(folder: Path) -> str:
    """A secret of this machine, made at the first start: links stay good and no two sites share it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret-key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    except FileExistsError:
        pass
    return path.read_text()
