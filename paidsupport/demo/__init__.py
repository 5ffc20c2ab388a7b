"""A small but complete site that mounts the desk; `make run` starts it.

`flask --app paidsupport.site …` runs its commands; `FLASK_*` environment variables configure it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import click
from flask import Flask, Response
from flask_wtf import CSRFProtect

from paidsupport import PaidSupport
from paidsupport.demo.users import db, login_manager
from paidsupport.demo.views import home
from paidsupport.kernel.keyring import new_key
from paidsupport.settings import CSP

#: The seller on its invoices; the account number is the example of the IBAN standard.
SELLER = {
    "name": "Gallery Support Ltd.",
    "street": "1 Example Street",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
    "email": "invoices@example.org",
    "phone": "+49 30 123456",
    "vat_id": "DE123456788",
    "iban": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX",
    "tax_percent": "19",
    "pay_days": "14",
}
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
        PAIDSUPPORT_SELLER=SELLER,
        PAIDSUPPORT_BASE_URL=f"http://127.0.0.1:{_port()}",
    )
    app.config.from_prefixed_env()
    app.config.update(config or {})
    folder = Path(app.instance_path)
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or _kept(folder / "secret-key", _new_secret)
    if "PAIDSUPPORT_VAULT_KEYS" not in app.config:
        app.config["PAIDSUPPORT_VAULT_KEYS"] = _kept(folder / "vault-key", new_key)
    db.init_app(app)
    login_manager.init_app(app)
    csrf.init_app(app)
    support.init_app(app)
    app.register_blueprint(home)
    app.after_request(harden)
    app.cli.commands["paidsupport"].also(_commands)  # type: ignore[attr-defined]  # a LateGroup
    return app


def _port() -> str:
    """The port of this site, for links in emails: `flask run` has it as an option, `make run` as PORT."""
    command = click.get_current_context(silent=True)
    option = command.params.get("port") if command else None
    return str(option or os.environ.get("PORT", "5000"))


def _commands() -> Mapping[str, click.Command]:
    from paidsupport.demo.content import command  # noqa: PLC0415  # late, as all commands

    return {"demo": command}


def harden(response: Response) -> Response:
    """Add security headers to this site's own pages; the desk's pages have them already."""
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    return response


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _kept(path: Path, make: Callable[[], str]) -> str:
    """A secret of this machine, created at the first start: links stay valid, and no two sites share it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # written to a temporary file first, so that no process that starts at the same time reads half of it
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(make())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text()
