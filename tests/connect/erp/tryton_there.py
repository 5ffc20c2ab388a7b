"""What stands for Tryton 8: keeps records in memory, and refuses what Tryton's REST interface would not take.

What Tryton itself does is seen in `tests/peers`; this one can be made to fail at any point.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from werkzeug.exceptions import BadRequest, HTTPException, NotFound, Unauthorized
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from paidsupport.demo.pay.server import Server

DATABASE, KEY, COMPANY, EMPLOYEE = "books", "key-of-the-desk", 1, 7
Record = dict[str, Any]

#: What may be sent for each model, and what must be.
FIELDS: Mapping[str, tuple[set[str], set[str]]] = {
    "party.party": ({"contact_mechanisms", "addresses"}, {"code", "name"}),
    "party.address": ({"street", "postal_code", "city", "country"}, {"party"}),
    "sale.opportunity": (
        {"comment", "amount", "description"},
        {"reference", "party", "company", "employee"},
    ),
    "account.invoice": (
        {"comment"},
        {
            *("type", "reference", "party", "invoice_address", "account", "journal", "company"),
            *("currency", "lines"),
        },
    ),
    "ir.note": (set(), {"resource", "message"}),
}
#: What the fields of lines must be.
LINE = {
    *("type", "invoice_type", "description", "quantity", "unit_price", "account", "company", "currency"),
}
BOOKS: Mapping[str, list[Record]] = {
    "company.company": [{"id": COMPANY, "currency": 1}],
    "currency.currency": [{"id": 1, "code": "EUR"}, {"id": 2, "code": "USD"}],
    "account.journal": [{"id": 3, "type": "revenue"}],
    "account.configuration": [
        {"id": 1, "default_account_receivable": 39, "default_category_account_revenue": 100}
    ],
    "account.account": [],
    "country.country": [{"id": 49, "code": "DE"}],
}
_RULES = Map(
    [
        Rule("/<database>/rest/model/<model>", endpoint="many"),
        Rule("/<database>/rest/model/<model>/<int:number>", endpoint="one"),
        Rule("/<database>/rest/model/<model>/<action>", endpoint="call"),
        Rule("/<database>/rest/model/<model>/<int:number>/<action>", endpoint="press"),
    ]
)
#: From which states a button may be pressed, and to which one it leads.
_BUTTONS = {
    "opportunity": ({"lead"}, "opportunity"),
    "convert": ({"opportunity"}, "converted"),
    "lost": ({"lead", "opportunity"}, "lost"),
    "lead": ({"lost", "cancelled", "opportunity"}, "lead"),
}


class TrytonThere:
    """A server, as a context manager.

    Attributes:
        records: All that there is, by model.
        meanwhile: Is called once before the next record is made, as if another request had been faster.
    """

    def __init__(self) -> None:
        self.records: dict[str, list[Record]] = {name: [] for name in FIELDS}
        self.records |= {name: [dict(each) for each in kept] for name, kept in BOOKS.items()}
        self.meanwhile: Callable[[], object] | None = None
        self.server = Server(self._serve)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    @property
    def url(self) -> str:
        """Its address."""
        return self.server.url

    def add(self, model: str, **values: object) -> Record:
        """A record more, as if somebody else had made it."""
        made = {"id": sum(map(len, self.records.values())) + 100, "active": True, "state": "lead", **values}
        self.records[model].append(made)
        return made

    def _serve(self, environ: Any, start: Any) -> Any:  # noqa: ANN401 - what WSGI says
        try:
            answer = self._answer(Request(environ))
        except HTTPException as error:  # Tryton answers these as HTML
            return error.get_response(environ)(environ, start)
        return answer(environ, start)

    def _answer(self, request: Request) -> Response:
        endpoint, arguments = _RULES.bind_to_environ(request.environ).match()
        found = dict(arguments)
        if found.pop("database") != DATABASE:
            raise NotFound
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            raise Unauthorized
        context = json.loads(urlsafe_b64decode(request.headers["X-Tryton-Context"]))
        model = found["model"]
        try:
            said = getattr(self, f"_{endpoint}")(_Asked(request, context), **found)
        except KeyError as error:
            return Response(f"<!doctype html>\n<p>&#39;{error.args[0]}&#39;</p>", 500, mimetype="text/html")
        except RefusedError as error:
            said = {"status": 400, "message": str(error), "description": ""}
            return Response(json.dumps(said), 400, mimetype="application/json")
        if said is None:
            return Response(status=204)
        if isinstance(said, dict) and "id" in said:
            said = {"__name__": model, **said}
        return Response(json.dumps(said), mimetype="application/json")

    def _many(self, asked: _Asked, model: str) -> object:
        kept = self.records[model]
        request = asked.request
        if request.method == "POST":
            return self._make(model, asked.context, request.get_json())
        domain = json.loads(urlsafe_b64decode(request.args["d"]))
        assert json.loads(urlsafe_b64decode(request.args["o"])) == [["id", "ASC"]]
        if not any(clause[0] == "active" for clause in domain):
            domain.append(["active", "=", True])
        found = [each for each in kept if all(_fits(each, *clause) for clause in domain)]
        return [self._read(each, request.args.getlist("f")) for each in found]

    def _one(self, asked: _Asked, model: str, number: int) -> object:
        request, record = asked.request, self._record(model, number)
        if request.method == "DELETE":
            self.records[model].remove(record)
            return None
        may, _must = FIELDS[model]
        sent = request.get_json()
        if extra := sent.keys() - may:
            raise KeyError(*extra)
        self._add_addresses(number, sent)
        record.update(_made(sent))
        return record

    def _call(self, asked: _Asked, model: str, action: str) -> object:
        assert (model, action, asked.request.get_json()) == (
            "res.user",
            "get_preferences",
            {"context_only": True},
        )
        return {"company": COMPANY, "employee": EMPLOYEE}

    def _press(self, asked: _Asked, model: str, number: int, action: str) -> object:
        assert asked.request.get_json() == {}
        record = self._record(model, number)
        states, after = _BUTTONS[action]
        if record["state"] not in states:
            raise RefusedError(f'You can not call "{action}" on "{number}" of "Sale Opportunity".')
        record["state"] = after
        return {"view": 1} if action == "convert" else record

    def _record(self, model: str, number: int) -> Record:
        for each in self.records[model]:
            if each["id"] == number and each["active"]:
                return each
        raise NotFound

    def _make(self, model: str, context: Record, sent: Record) -> Record:
        may, must = FIELDS[model]
        if extra := sent.keys() - may - must:
            raise KeyError(*extra)
        for name in must:
            if not sent.get(name):
                raise RefusedError(f'A value is required for field "{name}" in record "" of "{model}".')
        if sent.get("company", COMPANY) != context.get("company"):
            raise RefusedError("You are not allowed to access this company.")
        for line in _made(sent).get("lines", ()):
            if line.keys() != LINE or line["unit_price"].keys() != {"__class__", "decimal"}:
                raise BadRequest
        hook, self.meanwhile = self.meanwhile, None
        if hook:
            hook()
        if model == "party.party" and any(each["code"] == sent["code"] for each in self.records[model]):
            raise RefusedError("The code on party must be unique.")
        addresses = {"addresses": sent.pop("addresses", [])}
        made = self.add(model, **_made(sent))
        self._add_addresses(made["id"], addresses)
        return made

    def _add_addresses(self, party: int, sent: Record) -> None:
        for address in _made(sent).pop("addresses", []):
            self.add("party.address", party=party, **address)
        sent.pop("addresses", None)

    def _read(self, record: Record, fields: list[str]) -> Record:
        """With what lies below it, as numbers or with their own fields."""
        below = [each for each in self.records["party.address"] if each.get("party") == record["id"]]
        if "addresses" in fields:
            return {**record, "addresses": [each["id"] for each in below]}
        return {**record, "addresses": below}


@dataclass(frozen=True, slots=True)
class _Asked:
    request: Request
    context: Record


class RefusedError(Exception):
    """What Tryton calls a UserError."""


def _made(sent: Record) -> Record:
    """What was sent, with the records that are to be made inside of it as they will be read."""
    return {
        name: value[0][1] if isinstance(value, list) and value and value[0][0] == "create" else value
        for name, value in sent.items()
    }


def _fits(record: Record, field: str, operator: str, wanted: Any) -> bool:  # noqa: ANN401 - of any field
    value = record.get(field, field == "active" or None)
    if operator == "like":
        return str(value).endswith(wanted.removeprefix("%").replace("\\", ""))
    return value in wanted if operator == "in" else bool(value == wanted)
