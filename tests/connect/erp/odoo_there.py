"""What stands for Odoo 19: keeps records in memory, and refuses what its JSON-2 interface would not take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self

from werkzeug.wrappers import Request, Response

from paidsupport.demo.pay.server import Server

DATABASE, KEY = "books", "key-of-the-desk"
Record = dict[str, Any]

#: What may be loaded for each model.
FIELDS: Mapping[str, set[str]] = {
    "res.partner": {"name", "ref", "email", "phone", "street", "zip", "city", "country_id/.id"},
    "crm.lead": {"name", "type", "partner_id/id", "description"},
    "account.move": {
        *("move_type", "ref", "partner_id/id", "currency_id/.id", "narration"),
        *("invoice_line_ids/name", "invoice_line_ids/quantity", "invoice_line_ids/price_unit"),
    },
}


class OdooThere:
    """A server, as a context manager; `records`: all that there is, by model."""

    def __init__(self) -> None:
        self.records: dict[str, list[Record]] = {
            **{name: [] for name in (*FIELDS, "ir.model.data", "mail.message")},
            "res.currency": [{"id": 1, "name": "EUR"}, {"id": 2, "name": "USD"}],
            "res.country": [{"id": 57, "code": "DE"}],
        }
        self.server = Server(self._serve)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def _serve(self, environ: Any, start: Any) -> Any:  # noqa: ANN401 - what WSGI says
        request = Request(environ)
        try:
            status, said = 200, self._answer(request)
        except RefusedError as error:
            status, said = error.status, {"name": "odoo.exceptions", "message": str(error), "arguments": []}
        body = json.dumps(said)
        return Response(body, status, mimetype="application/json")(environ, start)

    def _answer(self, request: Request) -> object:
        if request.headers.get("Authorization") != f"bearer {KEY}":
            raise RefusedError(401, "Invalid apikey")
        if request.headers.get("X-Odoo-Database") != DATABASE or request.method != "POST":
            raise RefusedError(404, "Not Found")
        assert request.mimetype == "application/json"
        _empty, json_, two, model, method = request.path.split("/")
        assert (json_, two) == ("json", "2")
        if model not in self.records:
            raise RefusedError(404, f"the model '{model}' does not exist")
        return getattr(self, f"_{method}")(model, **request.get_json())

    def _search_read(
        self, model: str, domain: list[Any], fields: list[str], order: str, context: Record
    ) -> object:
        assert (order, context) == ("id", {"active_test": False})
        found = [each for each in self.records[model] if all(_fits(each, *clause) for clause in domain)]
        return [{"id": each["id"], **{name: each.get(name, False) for name in fields}} for each in found]

    def _load(self, model: str, fields: list[str], data: list[list[str]]) -> object:
        if extra := set(fields) - FIELDS[model] - {"id"}:
            return {"ids": False, "messages": [{"type": "error", "message": f"No field {extra}"}]}
        first, *more = [dict(zip(fields, row, strict=True)) for row in data]
        module, _dot, name = first.pop("id").partition(".")
        assert all(not row.pop("id") for row in more)
        if partner := first.get("partner_id/id"):
            first["partner_id"] = self._named(*partner.split("."))["res_id"]
        known = [each for each in self.records["ir.model.data"] if each["name"] == name]
        if known:
            return {"ids": [known[0]["res_id"]], "messages": []}
        made = {"id": self._next(), "active": True, "won_status": "pending", "state": "draft", **first}
        made["lines"] = [first, *more]
        self.records[model].append(made)
        self.records["ir.model.data"].append(
            {"id": self._next(), "module": module, "name": name, "model": model, "res_id": made["id"]}
        )
        return {"ids": [made["id"]], "messages": []}

    def _write(self, model: str, ids: list[int], vals: Record) -> object:
        assert vals.keys() <= FIELDS[model]
        self._one(model, ids).update(vals)
        return True

    def _action_set_won(self, model: str, ids: list[int]) -> object:
        self._one(model, ids).update(won_status="won")
        return True

    def _action_set_lost(self, model: str, ids: list[int]) -> object:
        self._one(model, ids).update(won_status="lost", active=False)
        return True

    def _action_unarchive(self, model: str, ids: list[int]) -> object:
        self._one(model, ids).update(won_status="pending", active=True)
        return True

    def _message_post(self, model: str, ids: list[int], body: str) -> object:
        row = {"id": self._next(), "model": model, "res_id": self._one(model, ids)["id"], "body": body}
        self.records["mail.message"].append(row)
        return [row["id"]]

    def _named(self, module: str, name: str) -> Record:
        for each in self.records["ir.model.data"]:
            if (each["module"], each["name"]) == (module, name):
                return each
        raise RefusedError(422, f"No matching record found for external id '{module}.{name}'")

    def _one(self, model: str, ids: list[int]) -> Record:
        for each in self.records[model]:
            if [each["id"]] == ids:
                return each
        raise RefusedError(404, "Record does not exist or has been deleted.")

    def _next(self) -> int:
        return sum(map(len, self.records.values())) + 100


class RefusedError(Exception):
    """An error of Odoo, with the status that it is answered with."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


def _fits(record: Record, field: str, operator: str, wanted: Any) -> bool:  # noqa: ANN401 - of any field
    value = record.get(field)
    return wanted.replace("\\", "") in str(value) if operator == "ilike" else bool(value == wanted)
