"""Odoo 19 as an ERP of the desk, over its JSON-2 interface (P17).

Records are made by `load`, which Odoo's own import uses: each gets an external id in the same transaction.
Odoo keeps these unique, so that nothing is made twice, whatever becomes of an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paidsupport.connect.connections.kinds import PRIVATE
from paidsupport.connect.erp import sentences
from paidsupport.connect.erp.json_client import TIMEOUT, JsonClient, tidy
from paidsupport.connect.erp.protocol import Draft, Lead, Party, Stage, What
from paidsupport.connect.outgoing import Line
from paidsupport.kernel.configuration.values import Values
from paidsupport.kernel.i18n.stored import filled
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

Shape = dict[str, Any]

_MODELS = {What.PARTY: "res.partner", What.LEAD: "crm.lead", What.INVOICE: "account.move"}
_MISSING = {What.PARTY: sentences.NO_PARTY, What.LEAD: sentences.NO_LEAD, What.INVOICE: sentences.NO_INVOICE}
#: Where people see a record.
_PAGES = {What.PARTY: "contacts", What.LEAD: "crm", What.INVOICE: "customer-invoices"}
#: The first part of our external ids, as of a module.
_MODULE = "paidsupport"
#: Which columns of a partner hold what we know of a party.
_COLUMNS = {"email": "email", "phone": "phone", "street": "street", "zip": "postcode", "city": "city"}


def odoo(values: Values) -> Odoo:
    """An Odoo from what managers entered."""
    url = values["url"].rstrip("/")
    line = Line(url, private=values.get(PRIVATE) == "yes", timeout=TIMEOUT)
    return Odoo(line, values.get("database", ""), values["key"], pages=url)


class Odoo:
    """An `Erp`.

    Args:
        line: The way to it.
        database: The name of its database; empty: its address says which.
        key: The API key of a user of it.
        pages: Where its pages are.
    """

    def __init__(self, line: Line, database: str, key: str, *, pages: str = "") -> None:
        headers = {"Authorization": f"bearer {key}", **({"X-Odoo-Database": database} if database else {})}
        self._client = JsonClient(line, headers, missing=sentences.NO_ODOO, reason=_reason)
        self._pages = pages

    def check(self) -> str:
        """What is wrong with it, in a sentence; empty if all that the desk needs is there."""
        for model in (*_MODELS.values(), "ir.model.data", "mail.message"):
            self._search(model, [["id", "=", 0]], "id")
        return ""

    def link(self, what: What, id_: str) -> str:
        """Where people see what Odoo calls this."""
        return f"{self._pages}/odoo/{_PAGES[what]}/{id_}"

    def find(self, what: What, ref: str) -> str:
        """What Odoo calls something of ours; empty if it has no such thing."""
        domain = [["module", "=", _MODULE], ["name", "=", _name(what, ref)], ["model", "=", _MODELS[what]]]
        found = self._search("ir.model.data", domain, "res_id")
        return str(found[0]["res_id"]) if found else ""

    def party(self, party: Party) -> str:
        """See that a customer's record is there; what is there already is completed."""
        id_ = self.find(What.PARTY, party.ref)
        known = {column: getattr(party, name) for column, name in _COLUMNS.items() if getattr(party, name)}
        if not id_:
            values = {"name": party.name, "ref": party.ref, **known}
            return self._load(What.PARTY, party.ref, [values | self._country(party.country)])
        found = self._search("res.partner", [["id", "=", int(id_)]], "active", *_COLUMNS)
        missing = {name: value for name, value in known.items() if found and not found[0].get(name)}
        if missing and found[0].get("active"):
            self._do("res.partner", "write", int(id_), vals=missing)
        return id_

    def lead(self, lead: Lead) -> str:
        """See that a lead is there."""
        if id_ := self.find(What.LEAD, lead.ref):
            return id_
        self._needed(What.PARTY, lead.party)
        note = f"{lead.price}\n{lead.note}".strip() if lead.price else lead.note
        values = {
            "name": f"{lead.title} ({lead.ref})",
            "type": "opportunity",
            "partner_id/id": _external(What.PARTY, lead.party),
            "description": note,
        }
        return self._load(What.LEAD, lead.ref, [values])

    def stage(self, ref: str, stage: Stage) -> None:
        """Bring a lead to a stage, from wherever it is; which columns lie between is up to its people."""
        id_ = self._needed(What.LEAD, ref)
        found = self._search("crm.lead", [["id", "=", id_]], "won_status")
        state = found[0].get("won_status") if found else ""
        if stage is Stage.LOST and state == "won":
            raise NotSentError(sentences.STUCK, permanent=True)
        if stage is Stage.LOST and state != "lost":
            self._do("crm.lead", "action_set_lost", id_)
        elif stage in {Stage.OFFERED, Stage.WON} and state == "lost":
            self._do("crm.lead", "action_unarchive", id_)
        if stage is Stage.WON and state != "won":
            self._do("crm.lead", "action_set_won", id_)

    def note(self, what: What, ref: str, key: str, text: str) -> None:
        """Add something that was said to a record, once for each `key`, which ends it."""
        id_, model = self._needed(what, ref), _MODELS[what]
        mark = f"[{key}]".replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        domain = [["model", "=", model], ["res_id", "=", id_], ["body", "ilike", mark]]
        if not self._search("mail.message", domain, "id"):
            self._do(model, "message_post", id_, body=f"{text}\n[{key}]")

    def invoice_draft(self, draft: Draft) -> str:
        """See that an invoice is there, whatever has become of it since."""
        if id_ := self.find(What.INVOICE, draft.ref):
            return id_
        self._needed(What.PARTY, draft.party)
        money = self._search("res.currency", [["name", "=", draft.currency]], "id")
        if not money:
            raise NotSentError(filled(sentences.NO_CURRENCY, currency=draft.currency), permanent=False)
        head = {
            "move_type": "out_invoice",
            "ref": draft.ref,
            "partner_id/id": _external(What.PARTY, draft.party),
            "currency_id/.id": str(money[0]["id"]),
            "narration": draft.note,
        }
        lines = [
            {
                "invoice_line_ids/name": item.text,
                "invoice_line_ids/quantity": str(item.quantity),
                "invoice_line_ids/price_unit": item.price.plain,
            }
            for item in draft.items
        ]
        return self._load(What.INVOICE, draft.ref, [head | lines[0], *lines[1:]])

    def _country(self, code: str) -> Shape:
        found = self._search("res.country", [["code", "=", code]], "id") if code else []
        return {"country_id/.id": str(found[0]["id"])} if found else {}

    def _needed(self, what: What, ref: str) -> int:
        if not (found := self.find(what, ref)):
            raise NotSentError(filled(_MISSING[what], ref=ref), permanent=False)
        return int(found)

    def _load(self, what: What, ref: str, rows: Sequence[Mapping[str, str]]) -> str:
        """Make a record with its external id: the first row names it, all others are more lines of it."""
        fields = list(rows[0])
        data = [
            [_external(what, ref) if not place else "", *(row.get(name, "") for name in fields)]
            for place, row in enumerate(rows)
        ]
        found = self._ask(_MODELS[what], "load", {"fields": ["id", *fields], "data": data})
        if not isinstance(found, dict):
            raise UnclearError(sentences.UNREADABLE)
        if not (ids := found.get("ids")):
            if there := self.find(what, ref):
                return there  # an earlier request was done meanwhile
            said = "; ".join(str(each.get("message")) for each in found.get("messages") or ())
            raise NotSentError(filled(sentences.REFUSED, said=tidy(said)), permanent=True)
        return str(ids[0])

    def _search(self, model: str, domain: Sequence[object], *fields: str) -> list[Shape]:
        wanted = {"domain": domain, "fields": list(fields), "order": "id", "context": {"active_test": False}}
        found = self._client.read("POST", f"/json/2/{model}/search_read", wanted)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise NotSentError(sentences.UNREADABLE, permanent=False)
        return found

    def _do(self, model: str, method: str, id_: int, **more: object) -> None:
        self._ask(model, method, {"ids": [id_], **more})

    def _ask(self, model: str, method: str, content: Mapping[str, object]) -> object:
        return self._client.ask("POST", f"/json/2/{model}/{method}", content)


def _reason(found: Shape) -> object:
    return found.get("message")


def _name(what: What, ref: str) -> str:
    """The second part of an external id, which has no dots."""
    return f"{what}_{ref}".replace(".", "_")


def _external(what: What, ref: str) -> str:
    return f"{_MODULE}.{_name(what, ref)}"
