"""What customers are told: the account, one reference with check digits, and QR codes (P16)."""

from __future__ import annotations

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from segno import helpers
from stdnum import iso11649
from stdnum.ch import esr

from paidsupport.kernel.codes import ALPHABET
from paidsupport.kernel.money import Money
from paidsupport.sales.payments.bank.kind import KIND
from paidsupport.sales.payments.bank.rules.payloads import Account, epc, swiss
from paidsupport.sales.payments.bank.rules.references import code_of_qr, codes_in, near, qr_of, rf_of, spaced
from paidsupport.sales.payments.bank.transfer import transfer_for
from tests.people import Desk
from tests.sales.payments.bank.statements import VALUES, ordered, set_up

pytestmark = pytest.mark.row("P16")

CODE = "PS-7K3M-9QXT"
#: Where the eight signs begin, behind RF, its two digits and PS.
FIRST_SIGN = 2
CODES = st.text(ALPHABET, min_size=8, max_size=8).map(lambda signs: f"PS-{signs[:4]}-{signs[4:]}")
GERMAN = Account("Gallery Project e.V.", "DE89370400440532013000", "COBADEFFXXX")
SWISS = Account(
    *("Galerie Müller", "CH9300762011623852957", "", "", "Bahnhofstrasse", "1", "8001", "Zürich", "CH"),
    swiss=True,
)
QR_IBAN = "CH4431999123000889012"


@given(CODES, st.integers(0, 9), st.sampled_from(ALPHABET), st.sampled_from([" ", "-", " / ", "\n", ""]))
def test_a_slip_in_a_reference_is_noticed(code: str, at: int, sign: str, gap: str) -> None:
    """The references are valid by their standards; one wrong character never leads to the ticket."""
    reference, number = rf_of(code), qr_of(code)
    assert iso11649.is_valid(reference)
    assert esr.is_valid(number)
    assert code_of_qr(number) == code
    assert codes_in(f"Thank you {gap.join(reference)} Karla").checked == {code}
    assert codes_in(number).checked == {code}
    wrong = reference[: 4 + at] + sign + reference[5 + at :]
    if wrong != reference:
        found = codes_in(wrong)
        assert code not in found.checked
        # a letter in the place of a digit may give another number that fits: no ticket has it
        assert found.meant or found.checked or at < FIRST_SIGN
    if at >= FIRST_SIGN and wrong != reference:
        assert code in near(wrong[6:])


def test_an_epc_code_is_as_the_library_makes_it() -> None:
    """The same text as that of `segno`, whose reference must be in its field, without a text beside it."""
    ours = epc(GERMAN, Money(12000, "EUR"), CODE)
    theirs = helpers.make_epc_qr(
        name=GERMAN.holder, iban=GERMAN.iban, amount=120, reference=rf_of(CODE), bic=GERMAN.bic
    )
    assert (
        segno.make(ours, error="m", boost_error=False, encoding="utf-8", micro=False).version
        == theirs.version
    )
    assert ours.split("\n") == [
        *("BCD", "002", "1", "SCT", "COBADEFFXXX", "Gallery Project e.V.", "DE89370400440532013000"),
        *("EUR120.00", "", "RF57PS7K3M9QXT"),
    ]
    assert epc(GERMAN, Money(12000, "USD"), CODE) == epc(GERMAN, Money(0, "EUR"), CODE) == ""


@pytest.mark.parametrize(
    ("account", "iban", "kind"),
    [(SWISS, "CH9300762011623852957", "SCOR"), (SWISS, QR_IBAN, "QRR")],
)
def test_a_swiss_code_has_the_reference_that_its_account_wants(
    account: Account, iban: str, kind: str
) -> None:
    """All 31 lines of the standard, structured address, and no empty reference."""
    qr = QR_IBAN if kind == "QRR" else ""
    found = Account(**{name: getattr(account, name) for name in Account.__slots__} | {"qr_iban": qr})
    lines = swiss(found, Money(11999, "CHF"), CODE).split("\n")
    assert len(lines) == 31
    assert lines[:4] == ["SPC", "0200", "1", iban]
    assert lines[4:11] == ["S", "Galerie Müller", "Bahnhofstrasse", "1", "8001", "Zürich", "CH"]
    assert lines[18:20] == ["119.99", "CHF"]
    assert lines[27:] == [kind, qr_of(CODE) if qr else rf_of(CODE), "", "EPD"]
    assert swiss(found, Money(11999, "USD"), CODE) == swiss(GERMAN, Money(11999, "EUR"), CODE) == ""


def test_what_is_wrong_with_an_account_is_told_at_its_field() -> None:
    """Check digits, a country that is none, a QR-IBAN in the wrong place, an address that is not whole."""

    def wrong(**values: str) -> dict[str, str]:
        return {name: str(sentence) for name, sentence in KIND.wrong(VALUES | values).items()}

    assert wrong() == {}
    assert "check digits" in wrong(iban="DE89370400440532013001")["iban"]
    assert "length" in wrong(iban="DE5137040044053201300")["iban"]
    assert wrong(iban="")["iban"].startswith("Enter the IBAN")
    assert "QR-IBAN" in wrong(iban=QR_IBAN)["iban"]
    assert "8 or 11" in wrong(bic="COBA")["bic"]
    assert set(wrong(swiss="yes")) == {"swiss", "postcode", "city", "country"}
    assert set(wrong(holder=" ", currencies="EURO", country="XX")) == {"holder", "currencies", "country"}
    fine = {"swiss": "yes", "postcode": "8001", "city": "Zürich", "country": "CH"}
    assert wrong(iban="CH93 0076 2011 6238 5295 7", **fine) == {}
    assert "no QR-IBAN" in wrong(qr_iban="CH9300762011623852957")["qr_iban"]


def test_a_customer_is_told_what_is_open(lite_desk: Desk) -> None:
    """Only where the desk is paid, in a currency of its account, and while something is open."""
    direct, code = lite_desk.order(), ordered(lite_desk)
    with lite_desk.ctx() as ctx:
        assert transfer_for(ctx, lite_desk.ticket(code)) is None
    set_up(lite_desk)
    with lite_desk.ctx() as ctx:
        assert transfer_for(ctx, lite_desk.ticket(direct)) is None
        found = transfer_for(ctx, lite_desk.ticket(code))
        assert found is not None
        assert (str(found.amount), found.iban) == ("USD 45.00", "DE89 3704 0044 0532 0130 00")
        assert found.reference_spaced == spaced(rf_of(code))
        assert (found.epc, found.swiss) == ("", "")
