"""Tryton 8 as an ERP of the desk, over its REST interface (P17).

Tryton keeps no keys of requests: so everything has our reference where people see it too. The code of a party
is unique there. Leads and invoices are looked for once more after they were made: an earlier request, whose
answer we did not wait for, may have been done meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from paidsupport.connect.connections.kinds import PRIVATE
from paidsupport.connect.erp import sentences
from paidsupport.connect.erp.protocol import Draft, Item, Lead, Party, Stage, What
from paidsupport.connect.erp.tryton_client import TIMEOUT, Client, RefusedError, Shape, decimal
from paidsupport.connect.outgoing import Line
from paidsupport.kernel.configuration.values import Values
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.stored import filled
from paidsupport.kernel.mail.transports import NotSentError

_MODELS = {What.PARTY: "party.party", What.LEAD: "sale.opportunity", What.INVOICE: "account.invoice"}
_MISSING = {What.PARTY: sentences.NO_PARTY, What.LEAD: sentences.NO_LEAD, What.INVOICE: sentences.NO_INVOICE}
#: Archived ones too: their codes are taken.
_ANY = ["active", "in", [True, False]]

#: Which button leads from a state towards a stage. “Won” comes by itself when the sale is done.
_BUTTONS: Mapping[Stage, Mapping[str, str]] = {
    Stage.NEW: {},
    Stage.OFFERED: {"lead": "opportunity", "lost": "lead", "cancelled": "lead"},
    Stage.WON: {"lead": "opportunity", "opportunity": "convert", "lost": "lead", "cancelled": "lead"},
    Stage.LOST: {"lead": "lost", "opportunity": "lost"},
}
#: More steps than any way takes.
_MOST = 5
_REACHED: Mapping[Stage, frozenset[str]] = {
    Stage.NEW: frozenset({"lead", "opportunity", "converted", "won", "lost", "cancelled"}),
    Stage.OFFERED: frozenset({"opportunity", "converted", "won"}),
    Stage.WON: frozenset({"converted", "won"}),
    Stage.LOST: frozenset({"lost", "cancelled"}),
}


def tryton(values: Values) -> Tryton:
    """A Tryton from what managers entered."""
    url = values["url"].rstrip("/")
    line = Line(url, private=values.get(PRIVATE) == "yes", timeout=TIMEOUT)
    return Tryton(line, values["database"], values["key"], account=values.get("account", ""), pages=url)


@dataclass(frozen=True, slots=True)
class _Home:
    """The numbers of our user's company, of its currency, and of our user as an employee; 0: is none."""

    company: int
    employee: int
    currency: int


class Tryton:
    """An `Erp`. What it looks up of the books is kept until something is refused.

    Args:
        line: The way to it, with the `TIMEOUT` of its client.
        database: The name of its database.
        key: The key of a user of it, for REST.
        account: The code of the revenue account for our invoices; empty: the usual one.
        pages: Where its pages are.
    """

    def __init__(self, line: Line, database: str, key: str, *, account: str = "", pages: str = "") -> None:
        self._client = Client(line, database, key)
        self._pages = f"{pages.rstrip('/')}/#{quote(database, safe='')}/model"
        self._account = account
        self._known: dict[str, int] = {}
        self._home: _Home | None = None

    def check(self) -> str:
        """What is wrong with it, in a sentence; empty if all that the desk needs is there."""
        self._forget()
        if not self._at_home().employee:
            return sentences.NO_EMPLOYEE
        for model in _MODELS.values():
            self._client.search(model, [["id", "=", 0]], "id")
        self._journal()
        self._receivable()
        self._revenue()
        return ""

    def link(self, what: What, id_: str) -> str:
        """Where people see what Tryton calls this."""
        return f"{self._pages}/{_MODELS[what]}/{id_}"

    def find(self, what: What, ref: str) -> str:
        """What Tryton calls something of ours; empty if it has no such thing."""
        return str(self._number(what, ref) or "")

    def party(self, party: Party) -> str:
        """See that a customer's record is there; what is there already is completed."""
        self._at_home()
        found = self._party(party.ref, "active", "contact_mechanisms.value", "addresses.street")
        if found is None:
            values = {"code": party.ref, "name": party.name, **self._contacts(party, {})}
            return str(self._make(What.PARTY, party.ref, values))
        missing = self._contacts(party, found)
        if missing and found.get("active"):  # it cannot be changed otherwise
            self._client.change("party.party", found["id"], missing)
        return str(found["id"])

    def lead(self, lead: Lead) -> str:
        """See that a lead is there."""
        home = self._at_home()
        if number := self._number(What.LEAD, lead.ref):
            return str(number)
        if not home.employee:
            raise NotSentError(sentences.NO_EMPLOYEE, permanent=False)
        values = {
            "reference": lead.ref,
            "party": self._needed(What.PARTY, lead.party),
            "company": home.company,
            "employee": home.employee,
            "description": lead.title,
            "comment": lead.note,
        }
        if lead.price and self._currency(lead.price.currency) == home.currency:
            # it counts in the currency of the company alone
            values["amount"] = decimal(lead.price.plain)
        elif lead.price:
            values["comment"] = f"{lead.price}\n{lead.note}".strip()
        return str(self._make(What.LEAD, lead.ref, values))

    def stage(self, ref: str, stage: Stage) -> None:
        """Bring a lead to a stage, from wherever it is: won is converted, with a draft of a sale."""
        self._at_home()
        number = self._needed(What.LEAD, ref)
        for _step in range(_MOST):
            [found] = self._client.search("sale.opportunity", [["id", "=", number]], "state")
            state = str(found.get("state"))
            if state in _REACHED[stage]:
                return
            if state not in _BUTTONS[stage]:
                break
            self._client.press("sale.opportunity", number, _BUTTONS[stage][state])
        raise NotSentError(sentences.STUCK, permanent=True)

    def note(self, what: What, ref: str, key: str, text: str) -> None:
        """Add something that was said to a record, once for each `key`, which ends it."""
        self._at_home()
        resource, mark = f"{_MODELS[what]},{self._needed(what, ref)}", f"[{key}]"
        for special in ("\\", "%", "_"):
            mark = mark.replace(special, f"\\{special}")
        domain = [["resource", "=", resource], ["message", "like", f"%{mark}"]]
        if not self._client.search("ir.note", domain, "id"):
            self._client.create("ir.note", {"resource": resource, "message": f"{text}\n[{key}]"})

    def invoice_draft(self, draft: Draft) -> str:
        """See that an invoice is there, whatever has become of it since."""
        company = self._at_home().company
        if number := self._number(What.INVOICE, draft.ref):
            return str(number)
        party = self._party(draft.party, "account_receivable", "addresses")
        if party is None:
            raise NotSentError(filled(sentences.NO_PARTY, ref=draft.party), permanent=False)
        # what follows from the others is not filled in over REST: all is said
        whole = {"company": company, "currency": self._currency(draft.currency)}
        values = {
            "type": "out",
            "reference": draft.ref,
            "party": party["id"],
            "invoice_address": self._address(party),
            "account": party.get("account_receivable") or self._receivable(),
            "journal": self._journal(),
            "comment": draft.note,
            "lines": [["create", [self._line(item) | whole for item in draft.items]]],
        }
        return str(self._make(What.INVOICE, draft.ref, values | whole))

    def _forget(self) -> None:
        """Look everything up again: somebody may be mending it there."""
        self._home = None
        self._known.clear()

    def _make(self, what: What, ref: str, values: Mapping[str, object]) -> int:
        """A new record, unless it is there by now."""
        try:
            number = self._client.create(_MODELS[what], values)
        except RefusedError:
            self._forget()
            if found := self._number(what, ref):
                return found
            raise
        try:
            first = self._number(what, ref) or number
        except NotSentError:
            return number
        if first < number:
            self._client.delete(_MODELS[what], number)
        return first

    def _number(self, what: What, ref: str) -> int:
        """The oldest record of a reference; 0 if there is none."""
        company = self._at_home().company
        domain = {
            What.PARTY: [["code", "=", ref], _ANY],
            What.LEAD: [["reference", "=", ref], ["company", "=", company]],
            What.INVOICE: [["reference", "=", ref], ["company", "=", company], ["type", "=", "out"]],
        }
        found = self._client.search(_MODELS[what], domain[what], "id")
        return int(found[0]["id"]) if found else 0

    def _needed(self, what: What, ref: str) -> int:
        number = self._number(what, ref)
        if not number:
            raise NotSentError(filled(_MISSING[what], ref=ref), permanent=False)
        return number

    def _party(self, ref: str, *fields: str) -> Shape | None:
        found = self._client.search("party.party", [["code", "=", ref], _ANY], *fields)
        return found[0] if found else None

    def _contacts(self, party: Party, found: Shape) -> Shape:
        """What Tryton does not know yet of how to reach a customer."""
        there = {each.get("value") for each in found.get("contact_mechanisms") or ()}
        reached = {"email": party.email, "phone": party.phone}
        new = [
            {"type": kind, "value": value} for kind, value in reached.items() if value and value not in there
        ]
        wanted: Shape = {"contact_mechanisms": [["create", new]]} if new else {}
        if not found.get("addresses") and (party.street or party.city):
            address = {"street": party.street, "postal_code": party.postcode, "city": party.city}
            wanted["addresses"] = [["create", [address | self._country(party.country)]]]
        return wanted

    def _country(self, code: str) -> Shape:
        """Countries are there only if somebody has loaded them."""
        if not code:
            return {}
        found = self._client.search("country.country", [["code", "=", code]], "id")
        return {"country": found[0]["id"]} if found else {}

    def _address(self, party: Shape) -> int:
        """Where an invoice goes: each has one, if only an empty one."""
        if addresses := party.get("addresses"):
            return int(addresses[0])
        found = self._client.search("party.address", [["party", "=", party["id"]]], "id")
        return int(found[0]["id"]) if found else self._client.create("party.address", {"party": party["id"]})

    def _line(self, item: Item) -> Shape:
        return {
            "type": "line",
            "invoice_type": "out",
            "description": item.text,
            "quantity": float(item.quantity),
            "unit_price": decimal(item.price.plain),
            "account": self._revenue(),
        }

    def _at_home(self) -> _Home:
        """The company of our user, for which all else is asked."""
        if found := self._home:
            return found
        user = self._client.call("res.user", "get_preferences", {"context_only": True})
        company, employee = user.get("company") or 0, user.get("employee") or 0
        if not company:
            raise NotSentError(sentences.NO_COMPANY, permanent=False)
        self._client.context = {"company": company, "employee": employee or None}
        own = self._client.search("company.company", [["id", "=", company]], "currency")
        self._home = found = _Home(company, employee, (own[0].get("currency") if own else None) or 0)
        return found

    def _journal(self) -> int:
        return self._once("journal", "account.journal", [["type", "=", "revenue"]], sentences.NO_JOURNAL)

    def _currency(self, code: str) -> int:
        missing = filled(sentences.NO_CURRENCY, currency=code)
        return self._once(f"currency {code}", "currency.currency", [["code", "=", code]], missing)

    def _receivable(self) -> int:
        return self._usual("default_account_receivable", sentences.NO_RECEIVABLE)

    def _revenue(self) -> int:
        """The account of our invoices: the one whose code was entered, or else the usual one."""
        if not self._account:
            return self._usual("default_category_account_revenue", sentences.NO_USUAL_ACCOUNT)
        open_ = [
            ["closed", "!=", True],
            ["type.revenue", "=", True],
            ["company", "=", self._at_home().company],
        ]
        missing = filled(sentences.NO_ACCOUNT, account=self._account)
        return self._once("revenue", "account.account", [["code", "=", self._account], *open_], missing)

    def _usual(self, field: str, missing: str) -> int:
        """An account that all have who are said no other."""

        def look() -> int:
            found = self._client.search("account.configuration", [], field)
            return (found[0].get(field) if found else None) or 0

        return self._kept(field, look, missing)

    def _once(self, name: str, model: str, domain: list[list[object]], missing: str) -> int:
        def look() -> int:
            found = self._client.search(model, domain, "id")
            return found[0]["id"] if found else 0

        return self._kept(name, look, missing)

    def _kept(self, name: str, look: Callable[[], int], missing: str | Message) -> int:
        found = self._known.get(name) or look()
        if not found:
            raise NotSentError(missing, permanent=False)
        self._known[name] = found
        return found
