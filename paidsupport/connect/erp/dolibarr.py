"""Dolibarr as an ERP of the desk, over its REST interface (P17).

Dolibarr keeps no keys of requests: everything has our reference, and what was made is looked for once more,
because an earlier request, whose answer we did not wait for, may have been done meanwhile. Leads are its
projects that follow an opportunity.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from paidsupport.connect.connections.kinds import PRIVATE
from paidsupport.connect.erp import sentences
from paidsupport.connect.erp.json_client import TIMEOUT, AbsentError, JsonClient
from paidsupport.connect.erp.protocol import Draft, Lead, Party, Stage, What
from paidsupport.connect.outgoing import Line
from paidsupport.kernel.configuration.values import Values
from paidsupport.kernel.i18n.stored import filled
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

Shape = dict[str, Any]

_ROOMS = {What.PARTY: "thirdparties", What.LEAD: "projects", What.INVOICE: "invoices"}
_MISSING = {What.PARTY: sentences.NO_PARTY, What.LEAD: sentences.NO_LEAD, What.INVOICE: sentences.NO_INVOICE}
#: Where people see a record, before its number.
_PAGES = {
    What.PARTY: "societe/card.php?socid=",
    What.LEAD: "projet/card.php?id=",
    What.INVOICE: "compta/facture/card.php?facid=",
}
#: What holds our reference: a project has one of its own, which people see.
_NAMED = {What.PARTY: "ref_ext", What.LEAD: "ref", What.INVOICE: "ref_ext"}
#: How far an opportunity is: its code and number as every new Dolibarr has them.
_STATES = {Stage.OFFERED: ("PROPO", 3), Stage.WON: ("WON", 6), Stage.LOST: ("LOST", 7)}
#: Which fields of a third party hold what we know of a party.
_FIELDS = {"email": "email", "phone": "phone", "address": "street", "zip": "postcode", "town": "city"}


def dolibarr(values: Values) -> Dolibarr:
    """A Dolibarr from what managers entered."""
    url = values["url"].rstrip("/")
    line = Line(url, private=values.get(PRIVATE) == "yes", timeout=TIMEOUT)
    return Dolibarr(line, values["key"], pages=url)


class Dolibarr:
    """An `Erp`.

    Args:
        line: The way to it.
        key: The API key of a user of it.
        pages: Where its pages are.
    """

    def __init__(self, line: Line, key: str, *, pages: str = "") -> None:
        headers = {"DOLAPIKEY": key, "Accept": "application/json"}
        self._client = JsonClient(line, headers, missing=sentences.NO_DOLIBARR, reason=_reason)
        self._pages = pages

    def check(self) -> str:
        """What is wrong with it, in a sentence; empty if all that the desk needs is there."""
        self._currency()
        for what in What:
            self._records(what, "-")
        return ""

    def link(self, what: What, id_: str) -> str:
        """Where people see what Dolibarr calls this."""
        return f"{self._pages}/{_PAGES[what]}{quote(id_)}"

    def find(self, what: What, ref: str) -> str:
        """What Dolibarr calls something of ours; empty if it has no such thing."""
        found = self._records(what, ref)
        return str(found[0]["id"]) if found else ""

    def party(self, party: Party) -> str:
        """See that a customer's record is there; what is there already is completed."""
        known = {field: getattr(party, name) for field, name in _FIELDS.items() if getattr(party, name)}
        found = self._records(What.PARTY, party.ref)
        if not found:
            # it numbers its customers by itself
            values = {"name": party.name, "client": "1", "code_client": "-1", **known}
            return self._make(What.PARTY, party.ref, values)
        id_ = str(found[0]["id"])
        if missing := {field: value for field, value in known.items() if not found[0].get(field)}:
            self._client.ask("PUT", f"/api/index.php/thirdparties/{id_}", missing)
        return id_

    def lead(self, lead: Lead) -> str:
        """See that a lead is there."""
        if id_ := self.find(What.LEAD, lead.ref):
            return id_
        values: Shape = {
            "title": lead.title,
            "socid": self._needed(What.PARTY, lead.party),
            "description": lead.note,
            "usage_opportunity": 1,
            "opp_status": 1,
        }
        if lead.price and lead.price.currency == self._currency():
            values["opp_amount"] = lead.price.plain
        elif lead.price:
            values["description"] = f"{lead.price}\n{lead.note}".strip()
        return self._make(What.LEAD, lead.ref, values)

    def stage(self, ref: str, stage: Stage) -> None:
        """Bring a lead to a stage, from wherever it is."""
        found = self._records(What.LEAD, ref)
        if not found:
            raise NotSentError(filled(sentences.NO_LEAD, ref=ref), permanent=False)
        if stage not in _STATES:
            return
        code, number = _STATES[stage]
        is_now = found[0].get("opp_status_code")
        if stage is Stage.LOST and is_now == "WON":
            raise NotSentError(sentences.STUCK, permanent=True)
        if is_now not in {code, "WON"}:
            self._client.ask("PUT", f"/api/index.php/projects/{found[0]['id']}", {"opp_status": number})

    def note(self, what: What, ref: str, key: str, text: str) -> None:
        """Add something that was said to a record, once for each `key`: an event of its agenda."""
        id_, label = self._needed(what, ref), _quoted(f"Support desk [{key}]")
        if self._listed("agendaevents", f"(t.label:=:'{label}')"):
            return
        person = self._client.read("GET", "/api/index.php/users/info")
        if not isinstance(person, dict) or "id" not in person:
            raise NotSentError(sentences.UNREADABLE, permanent=False)
        values = {"type_code": "AC_OTH", "label": label, "note_private": text, "userownerid": person["id"]}
        self._create("agendaevents", values | {"socid" if what is What.PARTY else "fk_project": id_})

    def invoice_draft(self, draft: Draft) -> str:
        """See that an invoice is there, whatever has become of it since."""
        if id_ := self.find(What.INVOICE, draft.ref):
            return id_
        party = self._needed(What.PARTY, draft.party)
        if draft.currency != self._currency():
            raise NotSentError(filled(sentences.NO_CURRENCY, currency=draft.currency), permanent=False)
        lines = [
            {
                "desc": item.text,
                "qty": str(item.quantity),
                "subprice": item.price.plain,
                "tva_tx": "0",
                "product_type": 1,
            }
            for item in draft.items
        ]
        more = {"ref_client": draft.ref, "note_private": draft.note, "lines": lines}
        return self._make(What.INVOICE, draft.ref, {"socid": party, "type": 0, **more})

    def _needed(self, what: What, ref: str) -> str:
        if not (found := self.find(what, ref)):
            raise NotSentError(filled(_MISSING[what], ref=ref), permanent=False)
        return found

    def _currency(self) -> str:
        """The currency of the company, in which alone amounts count there."""
        found = self._client.read("GET", "/api/index.php/setup/company")
        code = found.get("currency_code") if isinstance(found, dict) else None
        if not isinstance(code, str) or not code:
            raise NotSentError(sentences.UNREADABLE, permanent=False)
        return code

    def _make(self, what: What, ref: str, values: Mapping[str, object]) -> str:
        """A new record, unless it is there by now: the oldest one stays."""
        try:
            made = self._create(_ROOMS[what], {_NAMED[what]: ref, **values})
        except NotSentError:
            if found := self.find(what, ref):
                return found
            raise
        try:
            first = self.find(what, ref) or made
        except NotSentError:
            return made
        if int(first) < int(made):
            self._client.ask("DELETE", f"/api/index.php/{_ROOMS[what]}/{made}")
        return first

    def _create(self, room: str, values: Mapping[str, object]) -> str:
        found = self._client.ask("POST", f"/api/index.php/{room}", values)
        if not str(found).isdecimal():
            raise UnclearError(sentences.UNREADABLE)
        return str(found)

    def _records(self, what: What, ref: str) -> list[Shape]:
        return self._listed(_ROOMS[what], f"(t.{_NAMED[what]}:=:'{_quoted(ref)}')")

    def _listed(self, room: str, wanted: str) -> list[Shape]:
        """Records of ours, oldest first."""
        query = urlencode(
            {"sortfield": "t.id" if room == "agendaevents" else "t.rowid", "sqlfilters": wanted}
        )
        try:
            found = self._client.read("GET", f"/api/index.php/{room}?{query}")
        except AbsentError:
            return []  # some of its lists say so when they are empty
        if not isinstance(found, list) or not all(isinstance(each, dict) and "id" in each for each in found):
            raise NotSentError(sentences.UNREADABLE, permanent=False)
        return found


def _reason(found: Shape) -> object:
    error = found.get("error")
    return error.get("message") if isinstance(error, dict) else None


def _quoted(text: str) -> str:
    """A text within a filter, where it may hold neither quotes nor brackets."""
    return "".join(each for each in text if each.isalnum() or each in " -_./[]")
