"""A real Tryton: installed beside us from its packages, never imported, and asked over its own protocols.

Its parts are kept in the cache: the packages, and a database with a company, accounts, an employee and a user
for the desk. Each test works on a copy.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import requests

from tests.peers.running import Json, NoPeerError, Served, copied, kept, run

PACKAGES = (
    "trytond~=8.2.0",
    "trytond_party~=8.2.0",
    "trytond_sale_opportunity~=8.2.0",
    "trytond_account_invoice~=8.2.0",
)
MODULES = ("party", "sale_opportunity", "account_invoice")
DATABASE, COMPANY = "desk", "Gallery Support GmbH"
#: The code of the account that invoices of the desk are booked on.
REVENUE = "4.1.2"
#: What the user of the desk may do, and no more.
GROUPS = ("Party Administration", "Accounting", "Sales", "Sale Opportunity")
PASSWORD = "open-sesame-and-co"

_CONFIGURATION = """
[database]
uri = sqlite://
path = {folder}
[web]
listen = 127.0.0.1:{port}
"""


class RefusedError(Exception):
    """Tryton said no to its administrator, in its own words."""


class Tryton:
    """One Tryton with a copy of the prepared database.

    Attributes:
        database: The name of its database.
        key: With it the desk asks over REST, as a user of its own.
        company: The number of the company in it.
    """

    database = DATABASE

    def __init__(self, folder: Path, prepared: Path | None = None) -> None:
        """Lay it out in `folder`; without `prepared`, its database is empty."""
        self._programs = packages() / "bin"
        self._served = Served("Tryton", folder)
        self._configuration = folder / "trytond.conf"
        self._configuration.write_text(_CONFIGURATION.format(folder=folder, port=self._served.port))
        self._session, self._numbers = "", 0
        self.file = folder / f"{DATABASE}.sqlite"
        self.key, self.company = "", 0
        if prepared:
            copied(prepared / self.file.name, self.file)
            self.key, company = (prepared / "key").read_text().split()
            self.company = int(company)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        """Its address, without the name of the database."""
        return f"http://127.0.0.1:{self._served.port}"

    def start(self) -> None:
        """Serve, at the same address each time."""
        program = self._programs / "trytond"
        self._served.start([program, "-c", self._configuration, "-d", DATABASE])

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._served.kill()
        self._session = ""

    def tail(self) -> str:
        """The end of its log."""
        return self._served.tail()

    def rpc(self, method: str, *params: object) -> Json:
        """Call something as its administrator. Raises RefusedError."""
        if not self._session:
            user, session, *_ = self._call("common.db.login", "admin", {"password": PASSWORD})
            login = base64.b64encode(f"admin:{user}:{session}".encode()).decode()
            self._session = f"Session {login}"
        context = {"language": "en", **({"company": self.company} if self.company else {})}
        return self._call(method, *params, context)

    def find(self, model: str, domain: Sequence[object], *fields: str) -> list[dict[str, Any]]:
        """Records as its administrator sees them, in the order in which they were made."""
        found = self.rpc(f"model.{model}.search_read", domain, 0, None, [["id", "ASC"]], list(fields))
        return list(found)

    def make(self, model: str, **values: object) -> int:
        """A new record. Raises RefusedError."""
        [number] = self.rpc(f"model.{model}.create", [values])
        return int(number)

    def activate(self) -> None:
        """Make the database, with its modules."""
        self.file.touch()
        password = self.file.with_name("password")
        password.write_text(PASSWORD)
        command: list[str | Path] = [
            self._programs / "trytond-admin",
            *("-c", self._configuration, "-d", DATABASE, "--all", "--email", "admin@gallery.example"),
            *("-u", *MODULES, "--activate-dependencies"),
        ]
        run(command, seconds=480, env={"TRYTONPASSFILE": str(password)})

    def furnish(self) -> None:
        """A company with accounts and an employee, and a user for the desk with a key."""
        euro = self.make("currency.currency", **_currency("Euro", "EUR", "€", "978"))
        self.make("currency.currency", **_currency("US Dollar", "USD", "$", "840"))
        self.make("country.country", name="Germany", code="DE")
        party = self.make("party.party", name=COMPANY)
        company = self.make("company.company", party=party, currency=euro)
        self.rpc("model.res.user.write", [1], {"companies": [["add", [company]]], "company": company})
        self.company = company
        self._open_accounts()
        employee = self.make(
            "company.employee", party=self.make("party.party", name="Ada Sales"), company=company
        )
        user = self.make(
            "res.user",
            name="Support desk",
            login="desk",
            password="another-sesame-and-co",
            companies=[["add", [company]]],
            company=company,
            employees=[["add", [employee]]],
            employee=employee,
            groups=[["add", [each["id"] for each in self.find("res.group", [["name", "in", GROUPS]])]]],
        )
        application = self.make("res.user.application", user=user, application="rest")
        [found] = self.find("res.user.application", [["id", "=", application]], "key", "state")
        assert found["state"] == "validated"
        self.key = found["key"]

    def _open_accounts(self) -> None:
        """The chart of accounts that comes with it."""
        [template] = self.find("account.account.template", [["parent", "=", None]])
        session, *_ = self.rpc("wizard.account.create_chart.create")
        wizard = "wizard.account.create_chart.execute"
        chosen = {"account": {"company": self.company, "account_template": template["id"]}}
        self.rpc(wizard, session, chosen, "create_account")
        chosen["properties"] = {"company": self.company}
        for kind in ("receivable", "payable"):
            usual, *_ = self.find("account.account", [[f"type.{kind}", "=", True], ["closed", "!=", True]])
            chosen["properties"][f"account_{kind}"] = usual["id"]
        self.rpc(wizard, session, chosen, "create_properties")

    def _call(self, method: str, *params: object) -> Json:
        self._numbers += 1
        answer = requests.post(
            f"{self.url}/{DATABASE}/rpc/",
            json={"id": self._numbers, "method": method, "params": params},
            headers={"Authorization": self._session} if self._session else {},
            timeout=120,
        )
        found = answer.json() if answer.ok else {"error": answer.text}
        if "error" in found:
            raise RefusedError(method, found["error"])
        return found["result"]


def decimal(amount: str) -> dict[str, str]:
    """An exact number, as Tryton writes it."""
    return {"__class__": "Decimal", "decimal": amount}


def packages() -> Path:
    """The environment in which its packages are installed. Raises NoPeerError where they cannot be had."""
    try:
        return kept(f"tryton-{_mark(*PACKAGES, sys.version)}", _install)
    except RuntimeError as error:
        raise NoPeerError(str(error)) from error


def prepared() -> Path:
    """A folder with a database and its key, to be copied. Raises NoPeerError."""
    environment = packages()
    name = f"{environment.name}-desk-{_mark(Path(__file__).read_text())}"
    return kept(name, _prepare)


def _install(folder: Path) -> None:
    run([sys.executable, "-m", "venv", folder], seconds=120)
    run([folder / "bin/pip", "install", "--quiet", *PACKAGES], seconds=420)


def _prepare(folder: Path) -> None:
    tryton = Tryton(folder)
    tryton.activate()
    with tryton:
        tryton.furnish()
    (folder / "key").write_text(f"{tryton.key} {tryton.company}")


def _currency(name: str, code: str, symbol: str, number: str) -> dict[str, object]:
    return {
        "name": name,
        "code": code,
        "symbol": symbol,
        "numeric_code": number,
        "digits": 2,
        "rounding": decimal("0.01"),
    }


def _mark(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:12]
