"""ERPNext 15 or 16 as an ERP of the desk, over the REST interface of Frappe (P17).

Our references are in fields that people add there, each unique: so nothing is made twice, whatever becomes of
an answer. The fields have different names, because an opportunity takes over fields of its customer by name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup, escape

from paidsupport.connect.connections.kinds import PRIVATE
from paidsupport.connect.erp import sentences
from paidsupport.connect.erp.json_client import TIMEOUT, JsonClient
from paidsupport.connect.erp.protocol import Draft, Lead, Party, Stage, What
from paidsupport.connect.outgoing import Line
from paidsupport.kernel.configuration.values import Values
from paidsupport.kernel.i18n.stored import filled
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

Shape = dict[str, Any]

_DOCTYPES = {What.PARTY: "Customer", What.LEAD: "Opportunity", What.INVOICE: "Sales Invoice"}
_MISSING = {What.PARTY: sentences.NO_PARTY, What.LEAD: sentences.NO_LEAD, What.INVOICE: sentences.NO_INVOICE}
#: Where people see a record, before its name.
_PAGES = {What.PARTY: "customer", What.LEAD: "opportunity", What.INVOICE: "sales-invoice"}
#: Which field holds our reference.
_NAMED = {
    What.PARTY: "custom_desk_customer",
    What.LEAD: "custom_desk_lead",
    What.INVOICE: "custom_desk_invoice",
}
#: Which fields of a customer hold what we know of a party; what is told there makes a contact of it.
_FIELDS = {"email_id": "email", "mobile_no": "phone"}
_OPEN, _WON, _LOST, _OVER = "Open", "Converted", "Lost", "Closed"


def erpnext(values: Values) -> Erpnext:
    """An ERPNext from what managers entered."""
    url = values["url"].rstrip("/")
    line = Line(url, private=values.get(PRIVATE) == "yes", timeout=TIMEOUT)
    token = f"{values['key']}:{values['secret']}"
    return Erpnext(line, token, company=values["company"], item=values["item"], pages=url)


class Erpnext:
    """An `Erp`.

    Args:
        line: The way to it.
        token: The API key of a user of it, and the secret.
        company: The one that sells.
        item: The code of what the lines of invoices are of: it brings their unit, account and tax.
        pages: Where its pages are.
    """

    def __init__(self, line: Line, token: str, *, company: str, item: str, pages: str = "") -> None:
        headers = {"Authorization": f"token {token}", "Accept": "application/json"}
        self._client = JsonClient(line, headers, missing=sentences.NO_ERPNEXT, reason=_reason)
        self._company, self._item, self._pages = company, item, pages

    def check(self) -> str:
        """What is wrong with it, in a sentence; empty if all that the desk needs is there."""
        if self._user() == "Guest":
            return sentences.KEY_REFUSED
        for what, doctype in _DOCTYPES.items():
            if not self._is_unique(doctype, _NAMED[what]):
                return filled(sentences.NO_FIELD, field=_NAMED[what], model=doctype)
            self._records(what, "-")
        for doctype, name in (("Company", self._company), ("Item", self._item)):
            if not self._listed(doctype, [["name", "=", name]]):
                return filled(sentences.NO_SUCH, name=name, model=doctype)
        return ""

    def link(self, what: What, id_: str) -> str:
        """Where people see what ERPNext calls this."""
        return f"{self._pages}/app/{_PAGES[what]}/{quote(id_, safe='')}"

    def find(self, what: What, ref: str) -> str:
        """What ERPNext calls something of ours; empty if it has no such thing."""
        found = self._records(what, ref)
        return str(found[0]["name"]) if found else ""

    def party(self, party: Party) -> str:
        """See that a customer's record is there; what is there already is completed."""
        known = {field: getattr(party, name) for field, name in _FIELDS.items() if getattr(party, name)}
        found = self._records(What.PARTY, party.ref, "customer_primary_contact", *_FIELDS)
        if found:
            id_ = str(found[0]["name"])
            # it fills these in from the main contact, where people keep them
            missing = {} if found[0].get("customer_primary_contact") else known
            if missing := {field: value for field, value in missing.items() if not found[0].get(field)}:
                self._change("Customer", id_, missing)
        else:
            id_ = self._make(What.PARTY, party.ref, {"customer_name": party.name, **known})
        self._address(id_, party)
        return id_

    def lead(self, lead: Lead) -> str:
        """See that a lead is there."""
        if id_ := self.find(What.LEAD, lead.ref):
            return id_
        values: Shape = {
            "opportunity_from": "Customer",
            "party_name": self._needed(What.PARTY, lead.party),
            "company": self._company,
            "title": lead.title,
        }
        note = lead.note
        if lead.price and self._knows(lead.price.currency):
            values |= {"currency": lead.price.currency, "opportunity_amount": lead.price.plain}
        elif lead.price:
            note = f"{lead.price}\n{note}".strip()
        if note:
            values["notes"] = [{"note": _html(note)}]
        return self._make(What.LEAD, lead.ref, values)

    def stage(self, ref: str, stage: Stage) -> None:
        """Bring a lead to a stage, from wherever it is; its sales stages are up to its people."""
        found = self._records(What.LEAD, ref, "status")
        if not found:
            raise NotSentError(filled(sentences.NO_LEAD, ref=ref), permanent=False)
        is_now = found[0].get("status")
        if stage is Stage.LOST and is_now == _WON:
            raise NotSentError(sentences.STUCK, permanent=True)
        wanted = {Stage.WON: _WON, Stage.LOST: _LOST}.get(stage, "")
        if stage is Stage.OFFERED and is_now in {_LOST, _OVER}:
            wanted = _OPEN
        if wanted and is_now != wanted:
            self._change("Opportunity", str(found[0]["name"]), {"status": wanted})

    def note(self, what: What, ref: str, key: str, text: str) -> None:
        """Add something that was said to a record, once for each `key`, which ends it: a comment."""
        id_, doctype, mark = self._needed(what, ref), _DOCTYPES[what], f"[{key}]"
        query = urlencode({"doctype": doctype, "name": id_})
        found = self._client.read("GET", f"/api/method/frappe.desk.form.load.get_docinfo?{query}")
        info = found.get("docinfo") if isinstance(found, dict) else None
        if not isinstance(info, dict):
            raise NotSentError(sentences.UNREADABLE, permanent=False)
        if any(mark in _plain(str(each.get("content"))) for each in info.get("comments") or ()):
            return
        values = {
            "reference_doctype": doctype,
            "reference_name": id_,
            "content": _html(f"{text}\n{mark}"),
            "comment_email": self._user(),
            "comment_by": "Support desk",
        }
        found = self._client.ask("POST", "/api/method/frappe.desk.form.utils.add_comment", values)
        if not isinstance(found, dict) or "message" not in found:
            raise UnclearError(sentences.UNREADABLE)

    def invoice_draft(self, draft: Draft) -> str:
        """See that an invoice is there, whatever has become of it since."""
        if id_ := self.find(What.INVOICE, draft.ref):
            return id_
        party = self._needed(What.PARTY, draft.party)
        if not self._knows(draft.currency):
            raise NotSentError(filled(sentences.NO_CURRENCY, currency=draft.currency), permanent=False)
        items = [
            {
                "item_code": self._item,
                "description": _html(item.text),
                "qty": str(item.quantity),
                "rate": item.price.plain,
            }
            for item in draft.items
        ]
        head = {
            "company": self._company,
            "customer": party,
            "currency": draft.currency,
            "docstatus": 0,
            # prices were agreed on
            "ignore_pricing_rule": 1,
            "remarks": draft.note,
        }
        return self._make(What.INVOICE, draft.ref, {**head, "items": items})

    def _user(self) -> str:
        found = self._client.read("GET", "/api/method/frappe.auth.get_logged_user")
        if not isinstance(found, dict) or not isinstance(found.get("message"), str):
            raise NotSentError(sentences.UNREADABLE, permanent=False)
        return str(found["message"])

    def _is_unique(self, doctype: str, field: str) -> bool:
        found = self._client.read("GET", f"/api/v2/doctype/{quote(doctype)}/meta")
        meta = found.get("data") if isinstance(found, dict) else None
        if not isinstance(meta, dict):
            raise NotSentError(sentences.UNREADABLE, permanent=False)
        fields = meta.get("fields") or ()
        return any(each.get("fieldname") == field and bool(each.get("unique")) for each in fields)

    def _knows(self, currency: str) -> bool:
        return bool(self._listed("Currency", [["name", "=", currency], ["enabled", "=", 1]]))

    def _address(self, customer: str, party: Party) -> None:
        """Where a customer is, unless it has an address; there is none without street, city and country."""
        if not (party.street and party.city and party.country):
            return
        ours = {"link_doctype": "Customer", "link_name": customer}
        if self._listed("Address", [["Dynamic Link", name, "=", value] for name, value in ours.items()]):
            return
        if country := self._listed("Country", [["code", "=", party.country.lower()]]):
            where = {"address_line1": party.street, "pincode": party.postcode, "city": party.city}
            kind = {"address_title": party.name, "address_type": "Billing", "is_primary_address": 1}
            self._create("Address", {**kind, **where, "country": country[0]["name"], "links": [ours]})

    def _needed(self, what: What, ref: str) -> str:
        if not (found := self.find(what, ref)):
            raise NotSentError(filled(_MISSING[what], ref=ref), permanent=False)
        return found

    def _make(self, what: What, ref: str, values: Mapping[str, object]) -> str:
        """A new record, unless an earlier request has made it meanwhile."""
        try:
            return self._create(_DOCTYPES[what], {_NAMED[what]: ref, **values})
        except NotSentError:
            if found := self.find(what, ref):
                return found
            raise

    def _create(self, doctype: str, values: Mapping[str, object]) -> str:
        return str(self._done("POST", f"/api/resource/{quote(doctype)}", values)["name"])

    def _change(self, doctype: str, name: str, values: Mapping[str, object]) -> None:
        self._done("PUT", f"/api/resource/{quote(doctype)}/{quote(name, safe='')}", values)

    def _done(self, method: str, path: str, values: Mapping[str, object]) -> Shape:
        found = self._client.ask(method, path, values)
        made = found.get("data") if isinstance(found, dict) else None
        if not isinstance(made, dict) or "name" not in made:
            raise UnclearError(sentences.UNREADABLE)
        return made

    def _records(self, what: What, ref: str, *fields: str) -> list[Shape]:
        return self._listed(_DOCTYPES[what], [[_NAMED[what], "=", ref]], *fields)

    def _listed(self, doctype: str, filters: Sequence[object], *fields: str) -> list[Shape]:
        """The oldest record of these, if there is one."""
        wanted = {"filters": json.dumps(filters), "fields": json.dumps(["name", *fields])}
        query = urlencode({**wanted, "order_by": "creation asc", "limit_page_length": 1})
        found = self._client.read("GET", f"/api/resource/{quote(doctype)}?{query}")
        rows = found.get("data") if isinstance(found, dict) else None
        if not isinstance(rows, list) or not all(isinstance(each, dict) and "name" in each for each in rows):
            raise NotSentError(sentences.UNREADABLE, permanent=False)
        return rows


def _reason(found: Shape) -> object:
    """What it says of an error: messages for people, JSON within JSON, or else the error itself."""
    try:
        said = [json.loads(each)["message"] for each in json.loads(found.get("_server_messages") or "[]")]
    except (ValueError, TypeError, KeyError, RecursionError):
        said = []
    if not said:
        # after the name of the error
        said = [str(found.get("exception") or "").partition(": ")[2]]
    return "; ".join(_plain(str(each)) for each in said)


def _plain(html: str) -> str:
    """What is read in HTML, on one line."""
    return Markup(html).striptags()  # noqa: S704  # its tags are taken away


def _html(text: str) -> str:
    return str(escape(text)).replace("\n", "<br>")
