"""The desk and Tryton when something goes wrong between them, over real sockets (P17).

What a real one does is in `tests/peers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from paidsupport.connect.erp import sentences
from paidsupport.connect.erp.protocol import Draft, Item, Lead, Party, Stage, What
from paidsupport.connect.erp.tryton import Tryton
from paidsupport.connect.outgoing import Line
from paidsupport.demo.pay.server import AWAY, LATE, LOST, Fault
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.money import Money
from tests.connect.erp.tryton_there import DATABASE, KEY, TrytonThere

pytestmark = pytest.mark.row("P17")

SHOP = Party("DESK-7F3K", "Müller & Söhne", "office@mueller.example", city="Köln", country="DE")
LEAD = Lead("PS-7K3F-9QXM", SHOP.ref, "A gallery", Money(240_000, "EUR"))
DRAFT = Draft(LEAD.ref, SHOP.ref, [Item("Installation", Money(12_050, "EUR"))])
MODEL = f"/{DATABASE}/rest/model"
PARTY, OPPORTUNITY, INVOICE = f"{MODEL}/party.party", f"{MODEL}/sale.opportunity", f"{MODEL}/account.invoice"
HTML = {"Content-Type": "text/html; charset=utf-8"}
#: What a server in front of Tryton says when that is away or too slow.
BAD_GATEWAY = Fault(status=502, body="<h1>Bad Gateway</h1>", headers=HTML)
TOO_SLOW = Fault(status=504, body="<h1>Gateway Time-out</h1>", headers=HTML, handled=True)
STRANGE = Fault(status=200, body="<h1>Welcome</h1>", headers=HTML, handled=True)
LOGIN = Fault(status=401, body="<!doctype html><title>401 Unauthorized</title>", headers=HTML)
SOON = Fault(status=429, body="<h1>Too Many Requests</h1>", headers=HTML)


@pytest.fixture
def there() -> Iterator[TrytonThere]:
    """What stands for Tryton."""
    with TrytonThere() as found:
        yield found


def tryton(there: TrytonThere, *, key: str = KEY, seconds: float = 20) -> Tryton:
    """What the desk asks it with; it waits so long for an answer."""
    return Tryton(Line(there.url, private=True, timeout=(20, seconds)), DATABASE, key)


def all_done(erp: Tryton) -> None:
    """A customer, a lead that is won, and its invoice."""
    erp.party(SHOP)
    erp.lead(LEAD)
    erp.stage(LEAD.ref, Stage.WON)
    erp.note(What.LEAD, LEAD.ref, "PS-7K3F-9QXM/1", "Yes, please.")
    erp.invoice_draft(DRAFT)


def kept(there: TrytonThere) -> list[int]:
    """How many records there are of each kind of ours."""
    names = ("party.party", "sale.opportunity", "ir.note", "party.address", "account.invoice")
    return [len(there.records[name]) for name in names]


@pytest.mark.parametrize("fault", [AWAY, LOST, LATE, BAD_GATEWAY, TOO_SLOW, STRANGE])
@pytest.mark.parametrize(
    "path", [PARTY, OPPORTUNITY, f"{OPPORTUNITY}/*/opportunity", f"{MODEL}/ir.note", INVOICE]
)
def test_what_may_have_been_done_is_looked_for_before_it_is_repeated(
    there: TrytonThere, path: str, fault: Fault
) -> None:
    """Its end is unknown; the next attempt makes what is missing, and nothing twice."""
    there.server.next("POST", path, fault)
    with pytest.raises(UnclearError):
        all_done(tryton(there, seconds=0.3 if fault is LATE else 20))
    all_done(tryton(there))
    all_done(tryton(there))
    assert kept(there) == [1, 1, 1, 1, 1]
    assert there.records["sale.opportunity"][0]["state"] == "converted"


@pytest.mark.parametrize("fault", [AWAY, BAD_GATEWAY, STRANGE, LOGIN, SOON])
def test_what_could_not_be_looked_for_is_not_made(there: TrytonThere, fault: Fault) -> None:
    """A search that fails says nothing about what is there."""
    all_done(tryton(there))
    there.server.next("GET", INVOICE, fault)
    with pytest.raises(NotSentError) as error:
        tryton(there).invoice_draft(DRAFT)
    assert not error.value.permanent
    assert kept(there) == [1, 1, 1, 1, 1]


def test_an_earlier_request_may_be_done_later(there: TrytonThere) -> None:
    """Between our search and our record: the older one stays, and ours goes."""
    erp = tryton(there)
    erp.party(SHOP)
    older = {"reference": DRAFT.ref, "company": 1, "type": "out"}
    there.meanwhile = lambda: there.add("account.invoice", **older)
    erp_number = erp.invoice_draft(DRAFT)
    assert [str(each["id"]) for each in there.records["account.invoice"]] == [erp_number]
    there.meanwhile = lambda: there.add("party.party", code="DESK-2", name="Miller")
    number = erp.party(replace(SHOP, ref="DESK-2"))
    assert [each["name"] for each in there.records["party.party"] if str(each["id"]) == number] == ["Miller"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (LOGIN, sentences.KEY_REFUSED),
        (Fault(status=403, body="<h1>Forbidden</h1>", headers=HTML), sentences.NOT_ALLOWED),
        (Fault(status=404, body="<h1>Not Found</h1>", headers=HTML), sentences.NOT_THERE),
        (Fault(status=302, headers={"Location": "https://elsewhere.example/"}), sentences.REDIRECTED),
        (SOON, "The ERP answered with status 429."),
        (Fault(status=500, body="&#39;nix&#39;", headers=HTML), "The ERP answered with status 500."),
        (Fault(status=400, body={"message": "Too\nearly."}), "The ERP refused it: Too early."),
        (Fault(status=200, body=[]), sentences.UNREADABLE),
        (STRANGE, sentences.UNREADABLE),
    ],
)
def test_its_answers_become_sentences(there: TrytonThere, fault: Fault, said: str) -> None:
    """For managers, and without the key."""
    there.server.next("POST", f"{MODEL}/res.user/get_preferences", fault)
    with pytest.raises(NotSentError) as error:
        tryton(there).check()
    assert str(error.value) == str(said)
    assert KEY not in str(error.value)


def test_the_check_names_what_is_missing(there: TrytonThere) -> None:
    """One thing after the other."""
    assert tryton(there).check() == ""
    with pytest.raises(NotSentError, match="refuses the key"):
        tryton(there, key="of-another").check()
    del there.records["sale.opportunity"]
    with pytest.raises(NotSentError, match=r"does not know “sale\.opportunity”"):
        tryton(there).check()


def test_what_is_mended_over_there_needs_no_start_here(there: TrytonThere) -> None:
    """What was looked up is forgotten as soon as something is refused."""
    erp = tryton(there)
    erp.party(SHOP)
    with pytest.raises(NotSentError, match="no customer DESK-2 yet"):
        erp.lead(replace(LEAD, party="DESK-2"))
    with pytest.raises(NotSentError, match="does not know the currency CHF"):
        erp.invoice_draft(replace(DRAFT, items=[Item("Work", Money(1, "CHF"))]))
    there.server.next("POST", INVOICE, Fault(status=400, body={"message": "The account is closed."}))
    with pytest.raises(NotSentError) as error:
        erp.invoice_draft(DRAFT)
    assert error.value.permanent
    there.records["account.configuration"][0]["default_category_account_revenue"] = 102
    erp.invoice_draft(DRAFT)
    [invoice] = there.records["account.invoice"]
    assert [line["account"] for line in invoice["lines"]] == [102]


def test_the_key_goes_to_tryton_alone_and_books_are_read_once(there: TrytonThere) -> None:
    """In its header, never in an address; a second invoice asks for nothing of the books again."""
    erp = tryton(there)
    all_done(erp)
    before = len(there.server.hits)
    erp.invoice_draft(replace(DRAFT, ref="PS-2"))
    asked = [(hit.method, hit.path.rpartition("/")[2]) for hit in there.server.hits[before:]]
    assert asked == [
        ("GET", "account.invoice"),
        ("GET", "party.party"),
        ("POST", "account.invoice"),
        ("GET", "account.invoice"),
    ]
    for hit in there.server.hits:
        assert KEY not in f"{hit.path}{hit.query}{hit.body!r}"
