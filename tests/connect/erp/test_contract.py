"""What every ERP does for the desk, over real sockets: once each, whatever goes wrong (P17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from paidsupport.connect.erp import sentences
from paidsupport.connect.erp.dolibarr import Dolibarr
from paidsupport.connect.erp.erpnext import Erpnext
from paidsupport.connect.erp.odoo import Odoo
from paidsupport.connect.erp.protocol import Draft, Erp, Item, Lead, Party, Stage, What
from paidsupport.connect.erp.tryton import Tryton
from paidsupport.connect.outgoing import Line
from paidsupport.demo.pay.server import AWAY, LATE, LOST, Fault, Server
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.money import Money
from tests.connect.erp import dolibarr_there, erpnext_there, odoo_there, tryton_there
from tests.connect.erp.dolibarr_there import DolibarrThere
from tests.connect.erp.erpnext_there import ErpnextThere
from tests.connect.erp.odoo_there import OdooThere
from tests.connect.erp.tryton_there import TrytonThere

pytestmark = pytest.mark.row("P17")

SHOP = Party("DESK-7F3K", "Müller & Söhne", "office@mueller.example", city="Köln", country="DE")
LEAD = Lead("PS-7K3F-9QXM", SHOP.ref, "A gallery", Money(240_000, "EUR"))
DRAFT = Draft(
    LEAD.ref, SHOP.ref, [Item("Installation", Money(12_050, "EUR")), Item("Hours", Money(5, "EUR"))]
)
HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass
class There:
    """What stands for an ERP: where it makes each thing, and how many it has."""

    server: Server
    records: Mapping[str, list[dict[str, Any]]]
    paths: Mapping[str, str]
    models: tuple[str, ...]
    make: Callable[[float], Erp]
    #: With which method a lead is moved on.
    changes: str = "POST"

    def counts(self) -> list[int]:
        """How many customers, leads, notes and invoices there are."""
        return [len(self.records[name]) for name in self.models]


@contextmanager
def _tryton() -> Iterator[There]:
    rest = f"/{tryton_there.DATABASE}/rest/model"
    names = ("party.party", "sale.opportunity", "ir.note", "account.invoice")
    paths = dict(zip(("party", "lead", "note", "invoice"), (f"{rest}/{name}" for name in names), strict=True))
    paths["won"] = f"{rest}/sale.opportunity/*/convert"
    with TrytonThere() as there:

        def make(seconds: float) -> Erp:
            line = Line(there.url, private=True, timeout=(20, seconds))
            return Tryton(line, tryton_there.DATABASE, tryton_there.KEY)

        yield There(there.server, there.records, paths, names, make)


@contextmanager
def _odoo() -> Iterator[There]:
    paths = {
        "party": "/json/2/res.partner/load",
        "lead": "/json/2/crm.lead/load",
        "note": "/json/2/crm.lead/message_post",
        "invoice": "/json/2/account.move/load",
        "won": "/json/2/crm.lead/action_set_won",
    }
    names = ("res.partner", "crm.lead", "mail.message", "account.move")
    with OdooThere() as there:

        def make(seconds: float) -> Erp:
            line = Line(there.server.url, private=True, timeout=(20, seconds))
            return Odoo(line, odoo_there.DATABASE, odoo_there.KEY)

        yield There(there.server, there.records, paths, names, make)


@contextmanager
def _dolibarr() -> Iterator[There]:
    rest = "/api/index.php"
    names = ("thirdparties", "projects", "agendaevents", "invoices")
    kinds = ("party", "lead", "note", "invoice")
    paths = dict(zip(kinds, (f"{rest}/{name}" for name in names), strict=True))
    paths["won"] = f"{rest}/projects/*"
    with DolibarrThere() as there:

        def make(seconds: float) -> Erp:
            line = Line(there.server.url, private=True, timeout=(20, seconds))
            return Dolibarr(line, dolibarr_there.KEY)

        yield There(there.server, there.records, paths, names, make, changes="PUT")


@contextmanager
def _erpnext() -> Iterator[There]:
    paths = {
        "party": "/api/resource/Customer",
        "lead": "/api/resource/Opportunity",
        "note": "/api/method/frappe.desk.form.utils.add_comment",
        "invoice": "/api/resource/Sales Invoice",
        "won": "/api/resource/Opportunity/*",
    }
    names = ("Customer", "Opportunity", "Comment", "Sales Invoice")
    with ErpnextThere() as there:

        def make(seconds: float) -> Erp:
            return _erpnext_of(there, seconds)

        yield There(there.server, there.records, paths, names, make, changes="PUT")


def _erpnext_of(there: ErpnextThere, seconds: float = 20) -> Erpnext:
    line = Line(there.server.url, private=True, timeout=(20, seconds))
    return Erpnext(line, erpnext_there.TOKEN, company=erpnext_there.COMPANY, item=erpnext_there.ITEM)


KINDS = [_tryton, _odoo, _dolibarr, _erpnext]


@pytest.fixture(params=KINDS, ids=["tryton", "odoo", "dolibarr", "erpnext"])
def there(request: pytest.FixtureRequest) -> Iterator[There]:
    """What stands for each ERP."""
    with request.param() as found:
        yield found


def all_done(erp: Erp) -> list[str]:
    """A customer, a lead that is won, a note and an invoice."""
    done = [erp.party(SHOP), erp.lead(LEAD)]
    erp.stage(LEAD.ref, Stage.WON)
    erp.note(What.LEAD, LEAD.ref, "PS_7K3F%/1", "Yes, please.")
    return [*done, erp.invoice_draft(DRAFT)]


def test_each_thing_is_there_once(there: There) -> None:
    """Asked for twice it is the same, and found by our reference."""
    erp = there.make(20)
    assert erp.check() == ""
    done = all_done(erp)
    assert all_done(there.make(20)) == done
    assert there.counts() == [1, 1, 1, 1]
    refs = {What.PARTY: SHOP.ref, What.LEAD: LEAD.ref, What.INVOICE: DRAFT.ref}
    assert [erp.find(what, ref) for what, ref in refs.items()] == done
    assert {erp.find(what, "DESK-0") for what in What} == {""}
    (invoice,) = there.records[there.models[-1]]
    assert "120.50" in repr(invoice)
    assert "0.05" in repr(invoice)


@pytest.mark.parametrize("path", ["party", "lead", "won", "note", "invoice"])
@pytest.mark.parametrize(
    "fault",
    [
        *(AWAY, LOST, LATE),
        Fault(500, "<h1>Server Error</h1>", HTML),
        Fault(504, "<h1>Gateway Time-out</h1>", HTML, handled=True),
        Fault(409, "{}", handled=True),
        Fault(200, "<h1>Welcome</h1>", HTML, handled=True),
    ],
)
def test_an_unknown_end_makes_nothing_twice(there: There, path: str, fault: Fault) -> None:
    """Whether it was done or not."""
    there.server.next(there.changes if path == "won" else "POST", there.paths[path], fault)
    with pytest.raises(UnclearError):
        all_done(there.make(0.3 if fault is LATE else 20))
    all_done(there.make(20))
    all_done(there.make(20))
    assert there.counts() == [1, 1, 1, 1]


@pytest.mark.parametrize("status", [401, 403, 404, 417, 429])
def test_what_was_refused_was_not_done(there: There, status: int) -> None:
    """It is told in a sentence, and can be tried again."""
    there.server.next("POST", there.paths["invoice"], Fault(status, "<h1>No</h1>", HTML))
    with pytest.raises(NotSentError) as error:
        all_done(there.make(20))
    assert not error.value.permanent
    assert "<" not in str(error.value)
    assert there.counts() == [1, 1, 1, 0]
    all_done(there.make(20))
    assert there.counts() == [1, 1, 1, 1]


def test_a_reason_is_passed_on(there: There) -> None:
    """In the words of the ERP, on one line."""
    said = "Too\nearly."
    body = {"message": said, "error": {"message": said}, **erpnext_there.refusal("ValidationError", said)}
    there.server.next("POST", there.paths["invoice"], Fault(400, body))
    with pytest.raises(NotSentError, match="The ERP refused it: Too early") as error:
        all_done(there.make(20))
    assert error.value.permanent


def test_lost_ones_can_be_won_again(there: There) -> None:
    """And what was won is not lost any more."""
    erp = there.make(20)
    erp.party(SHOP)
    erp.lead(LEAD)
    for stage in (Stage.LOST, Stage.LOST, Stage.OFFERED, Stage.LOST, Stage.WON, Stage.WON, Stage.OFFERED):
        erp.stage(LEAD.ref, stage)
    with pytest.raises(NotSentError) as error:
        erp.stage(LEAD.ref, Stage.LOST)
    assert str(error.value) == sentences.STUCK


def test_what_is_missing_waits(there: There) -> None:
    """A lead and an invoice wait for their customer, and for their currency."""
    erp = there.make(20)
    with pytest.raises(NotSentError, match="no customer DESK-7F3K yet"):
        erp.lead(LEAD)
    with pytest.raises(NotSentError, match="no customer DESK-7F3K yet"):
        erp.invoice_draft(DRAFT)
    erp.party(SHOP)
    with pytest.raises(NotSentError, match="does not know the currency CHF"):
        erp.invoice_draft(Draft("PS-1", SHOP.ref, [Item("Work", Money(1, "CHF"))]))
    with pytest.raises(NotSentError, match="no lead PS-1 yet"):
        erp.stage("PS-1", Stage.WON)


def test_erpnext_says_what_is_missing_there() -> None:
    """One thing after the other: the key, the fields for our references, the company and the item."""
    with ErpnextThere() as there:
        erp = _erpnext_of(there)
        there.records["Item"].clear()
        assert "no “SUPPORT” (Item)" in erp.check()
        there.unique.pop("Opportunity")
        assert "no unique field “custom_desk_lead” for Opportunity" in erp.check()
        there.server.next("GET", "/api/method/frappe.auth.get_logged_user", Fault(200, {"message": "Guest"}))
        assert erp.check() == sentences.KEY_REFUSED


def test_erpnext_gets_an_address_once() -> None:
    """As a record of its own, when street, city and country are known; what people entered stays."""
    with ErpnextThere() as there:
        erp = _erpnext_of(there)
        erp.party(SHOP)
        assert not there.records["Address"]
        whole = replace(SHOP, street="Domplatz 1", email="other@mueller.example", phone="+49 1")
        assert erp.party(whole) == erp.party(whole)
        (address,) = there.records["Address"]
        assert (address["address_line1"], address["country"]) == ("Domplatz 1", "Germany")
        (customer,) = there.records["Customer"]
        assert (customer["email_id"], customer["mobile_no"]) == (SHOP.email, "+49 1")


def test_erpnext_refuses_in_sentences() -> None:
    """Without the marks of its pages; and a reference that is there by now is found."""
    with ErpnextThere() as there:
        erp = _erpnext_of(there)
        path = "/api/resource/Customer"
        said = erpnext_there.refusal("ValidationError", "Value of <b>Territory</b> &amp; group is missing")
        there.server.next("POST", path, Fault(417, said))
        with pytest.raises(NotSentError, match="refused it: Value of Territory & group is missing") as error:
            erp.party(SHOP)
        assert error.value.permanent
        there.server.next("POST", path, Fault(403, {"exc_type": "PermissionError", "_server_messages": "["}))
        with pytest.raises(NotSentError) as error:
            erp.party(SHOP)
        assert str(error.value) == sentences.NOT_ALLOWED
        duplicate = erpnext_there.refusal("UniqueValidationError", "custom_desk_customer must be unique")
        there.server.next("POST", path, Fault(417, duplicate, handled=True))
        assert erp.party(SHOP) == erp.find(What.PARTY, SHOP.ref)
