"""What stands for ERPNext: keeps records in memory, and refuses what its REST interface would not take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self

from werkzeug.wrappers import Request, Response

from paidsupport.demo.pay.server import Server

TOKEN, COMPANY, ITEM = "key:of-the-desk", "Gallery Support", "SUPPORT"
USER = "desk@example.org"
Record = dict[str, Any]

#: What may be sent for each doctype, and what must be.
FIELDS: Mapping[str, tuple[set[str], set[str]]] = {
    "Customer": ({"custom_desk_customer", "email_id", "mobile_no"}, {"customer_name"}),
    "Opportunity": (
        {"custom_desk_lead", "title", "currency", "opportunity_amount", "notes", "status"},
        {"opportunity_from", "party_name", "company"},
    ),
    "Sales Invoice": (
        {"custom_desk_invoice", "currency", "docstatus", "ignore_pricing_rule", "remarks"},
        {"company", "customer", "items"},
    ),
    "Address": (
        {"address_title", "is_primary_address", "pincode"},
        {"address_type", "address_line1", "city", "country", "links"},
    ),
}
ROW = {"item_code", "description", "qty", "rate"}
UNIQUE = {
    "Customer": "custom_desk_customer",
    "Opportunity": "custom_desk_lead",
    "Sales Invoice": "custom_desk_invoice",
}
#: What each field that is a link leads to.
LINKS = {
    "party_name": "Customer",
    "customer": "Customer",
    "currency": "Currency",
    "company": "Company",
    "country": "Country",
}
STATES = {"Open", "Quotation", "Converted", "Lost", "Replied", "Closed"}


class ErpnextThere:
    """A server, as a context manager; `records`: all that there is, by doctype; `unique`: its fields."""

    def __init__(self) -> None:
        self.records: dict[str, list[Record]] = {
            **{name: [] for name in (*FIELDS, "Comment")},
            "Company": [{"name": COMPANY}],
            "Item": [{"name": ITEM}],
            "Currency": [{"name": "EUR", "enabled": 1}, {"name": "CHF", "enabled": 0}],
            "Country": [{"name": "Germany", "code": "de"}],
        }
        self.unique = dict(UNIQUE)
        self.server = Server(self._serve)

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def _serve(self, environ: Any, start: Any) -> Any:  # noqa: ANN401 - what WSGI says
        try:
            status, said = 200, self._answer(Request(environ))
        except RefusedError as error:
            status, said = error.status, refusal(error.kind, str(error))
        return Response(json.dumps(said), status, mimetype="application/json")(environ, start)

    def _answer(self, request: Request) -> object:
        if request.headers.get("Authorization") != f"token {TOKEN}":
            raise RefusedError(401, "AuthenticationError", "")
        _empty, api, *path = request.path.split("/")
        assert api == "api"
        match request.method, path:
            case "GET", ["method", "frappe.auth.get_logged_user"]:
                return {"message": USER}
            case "GET", ["method", "frappe.desk.form.load.get_docinfo"]:
                about = self._one(request.args["doctype"], request.args["name"])["name"]
                found = [each for each in self.records["Comment"] if each["reference_name"] == about]
                return {"docinfo": {"comments": found}}
            case "POST", ["method", "frappe.desk.form.utils.add_comment"]:
                return {"message": self._commented(**request.get_json())}
            case "GET", ["v2", "doctype", doctype, "meta"]:
                fields = [{"fieldname": self.unique.get(doctype), "unique": 1}]
                return {"data": {"name": doctype, "fields": fields}}
            case _, ["resource", doctype, *name]:
                return {"data": self._resource(request, doctype, "/".join(name))}
        raise RefusedError(404, "DoesNotExistError", "Not found")

    def _resource(self, request: Request, doctype: str, name: str) -> object:
        if request.method == "GET":
            return self._listed(doctype, request)
        if request.method == "POST":
            return self._made(doctype, request.get_json())
        record, sent = self._one(doctype, name), request.get_json()
        may, must = FIELDS[doctype]
        assert sent.keys() <= may | must
        assert sent.get("status", "Open") in STATES
        record.update(sent)
        return record

    def _listed(self, doctype: str, request: Request) -> list[Record]:
        assert (request.args["order_by"], request.args["limit_page_length"]) == ("creation asc", "1")
        filters, fields = json.loads(request.args["filters"]), json.loads(request.args["fields"])
        found = [each for each in self._all(doctype) if all(_fits(each, clause) for clause in filters)]
        return [{name: each.get(name) for name in fields} for each in found[:1]]

    def _made(self, doctype: str, sent: Record) -> Record:
        may, must = FIELDS[doctype]
        assert sent.keys() <= may | must
        if missing := [name for name in must if not sent.get(name)]:
            raise RefusedError(417, "MandatoryError", f"Value missing for: {missing[0]}")
        for field, linked in LINKS.items():
            if sent.get(field) and not any(each["name"] == sent[field] for each in self.records[linked]):
                raise RefusedError(417, "LinkValidationError", f"Could not find {linked}: {sent[field]}")
        assert all(row.keys() == ROW and row["item_code"] == ITEM for row in sent.get("items", ()))
        field = self.unique.get(doctype, "")
        if field and any(each.get(field) == sent[field] for each in self.records[doctype]):
            raise RefusedError(417, "UniqueValidationError", f"{field} must be unique")
        number = sum(map(len, self.records.values())) + 100
        made = {"name": f"{doctype}/{number} ä", "docstatus": 0, "status": "Open", **sent}
        self.records[doctype].append(made)
        return made

    def _commented(
        self,
        *,
        reference_doctype: str,
        reference_name: str,
        content: str,
        comment_email: str,
        comment_by: str,
    ) -> Record:
        self._one(reference_doctype, reference_name)
        assert (comment_email, comment_by) == (USER, "Support desk")
        self.records["Comment"].append({"reference_name": reference_name, "content": f"<p>{content}</p>"})
        return {"name": "1", "content": content}

    def _all(self, doctype: str) -> list[Record]:
        if doctype not in self.records:
            raise RefusedError(404, "DoesNotExistError", f"DocType <strong>{doctype}</strong> not found")
        return self.records[doctype]

    def _one(self, doctype: str, name: str) -> Record:
        for each in self._all(doctype):
            if each["name"] == name:
                return each
        raise RefusedError(404, "DoesNotExistError", f"{doctype} <strong>{name}</strong> not found")


class RefusedError(Exception):
    """An error of Frappe, with the status that it is answered with."""

    def __init__(self, status: int, kind: str, said: str) -> None:
        super().__init__(said)
        self.status, self.kind = status, kind


def refusal(kind: str, said: str) -> Record:
    """How Frappe says what is wrong."""
    message = json.dumps({"message": said, "title": "Message", "indicator": "red", "raise_exception": 1})
    return {
        "exc_type": kind,
        "exception": f"frappe.exceptions.{kind}: {said}",
        "_server_messages": json.dumps([message] if said else []),
    }


def _fits(record: Record, clause: list[Any]) -> bool:
    *table, field, operator, wanted = clause
    assert operator == "="
    if table:
        return any(each[field] == wanted for each in record["links"])
    return bool(record.get(field) == wanted)
