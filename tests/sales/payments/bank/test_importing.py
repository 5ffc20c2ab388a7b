"""Statements are imported, and what they say is the ledger: whatever order, however often (P16)."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, insert, select

from paidsupport.kernel.codes import new_code, new_key, new_reference
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.files import Upload
from paidsupport.sales.payments import queries as payments
from paidsupport.sales.payments.bank.operations import deciding, importing
from paidsupport.sales.payments.bank.rules.references import codes_in
from paidsupport.sales.payments.bank.statements.faults import LARGEST, StatementError
from paidsupport.sales.payments.bank.statements.reading import read
from paidsupport.sales.payments.bank.tables import BankLine
from paidsupport.testing import mount_of
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.relations.operations import merging
from paidsupport.tickets.tables import Event, Ticket
from tests.people import Desk
from tests.sales.payments.bank.statements import Sent, ordered, rf, set_up, statement, sums, take

pytestmark = pytest.mark.row("P16")

#: Numbers of examples, so that no line of one is a line of another.
EXAMPLES = count()
AMOUNTS = ("45.00", "44.99", "20.00")


def counted(desk: Desk, content: bytes) -> int:
    """How many statements an import sends to the database, commit and all."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    engine = mount_of(desk.app).database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        take(desk, content)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(sent)


def many(desk: Desk, number: int) -> list[str]:
    """The codes of so many orders, made as copies of one."""
    first = ordered(desk)
    codes = [new_code() for _ in range(number)]
    with desk.ctx() as ctx, set_aside(ctx.session):
        table = Ticket.__table__
        row = dict(ctx.session.execute(select(table).where(table.c.code == first)).mappings().one())
        del row["id"]
        rows = [row | {"code": code, "reference": new_reference()} for code in codes]
        ctx.session.execute(insert(Ticket), rows)
    return codes


def test_many_lines_take_few_statements(desk: Desk) -> None:
    """Read, matched and written together, each with its line in the history of its ticket."""
    set_up(desk)
    codes = many(desk, 600)
    lines = [Sent("45.00", reference=rf(code), bank=f"B{number}") for number, code in enumerate(codes)]
    few, most = counted(desk, statement(*lines[:100])), counted(desk, statement(*lines))
    assert most < few + 30
    with desk.ctx() as ctx:
        told = select(func.count()).select_from(Event).where(Event.kind == "payment-received")
        assert ctx.session.scalar(told) == len(codes)
    assert set(sums(desk, codes)) == {4500}


def test_every_line_goes_to_its_ticket_or_to_a_person(desk: Desk) -> None:
    """The exact amount, a cent less, more; a slip, no code, another currency, money that left, pending."""
    set_up(desk)
    exact, less, more, plain, other = (ordered(desk) for _ in range(5))
    direct = desk.order()
    slip = rf(less)[:-1] + ("3" if less.endswith("2") else "2")
    done = take(
        desk,
        statement(
            Sent("45.00", reference=rf(exact), bank="1"),
            Sent("44.99", text=f"thank you {rf(less)[:9]} {rf(less)[9:]}/Karla", bank="2"),
            Sent("50.00", end_to_end=rf(more), bank="3"),
            ("4", [Sent("45.00", text=f"for {plain.lower()}"), Sent("45.00", text="gallery", name="Lena")]),
            Sent("44.00", text=f"for {other}", bank="5"),
            Sent("45.00", reference=slip, bank="6"),
            Sent("45.00", text="PS-2222-2222", bank="7"),
            Sent("45.00", reference=rf(exact), currency="EUR", bank="8"),
            Sent("45.00", reference=rf(direct), bank="9"),
            Sent("45.00", text=f"{rf(exact)} and {rf(less)}", bank="10"),
            Sent("9.90", debit=True, text="fee", bank="11"),
            Sent("45.00", reference=rf(other), status="PDNG", bank="12"),
        ),
    )
    assert (done.new, done.known, done.matched) == (12, 0, 4)
    assert sums(desk, [exact, less, more, plain, other, direct]) == [4500, 4499, 5000, 4500, 0, 0]
    with desk.ctx() as ctx:
        rows = ctx.session.execute(select(BankLine.bank_reference, BankLine.reason))
        reasons = {bank: reason for bank, reason in rows if reason}
    assert reasons == {
        "4": "no-code",
        "5": "amount",
        "6": "slip",
        "7": "slip",
        "8": "currency",
        "9": "directly",
        "10": "several",
        "11": "debit",
    }
    with desk.ctx() as ctx:
        kinds = select(Event.kind).where(Event.ticket_id == tickets.lock(ctx.session, less).id)
        assert "payment-received" in set(ctx.session.scalars(kinds))
    assert desk.broken() == {}


def test_the_same_again_and_days_that_overlap_add_nothing(desk: Desk) -> None:
    """Twice the same file, and one that holds the day before as well."""
    set_up(desk)
    first, second = ordered(desk), ordered(desk)
    before = [Sent("45.00", reference=rf(first), bank="1"), Sent("3.00", text="a tip", bank="2")]
    after = [Sent("45.00", reference=rf(second), bank="3", day="2034-03-15")]
    counts = [
        (done.new, done.known, done.matched)
        for done in (take(desk, statement(*each)) for each in (before, before, before + after))
    ]
    assert counts == [(2, 0, 1), (0, 2, 0), (1, 2, 1)]
    assert sums(desk, [first, second]) == [4500, 4500]
    assert desk.broken() == {}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_the_bank_takes_back_is_not_paid(desk: Desk, order: tuple[int, int]) -> None:
    """Whichever of both is imported first; what it takes back that was never matched needs no person."""
    set_up(desk)
    code = ordered(desk)
    came = statement(Sent("45.00", reference=rf(code), bank="1"), Sent("7.00", end_to_end="E-7", bank="2"))
    back = statement(
        Sent("45.00", reference=rf(code), bank="8", debit=True, reversal=True, day="2034-03-16"),
        Sent("7.00", end_to_end="E-7", bank="9", debit=True, reversal=True, day="2034-03-16"),
    )
    for each in order:
        take(desk, (came, back)[each])
    assert sums(desk, [code]) == [0]
    with desk.ctx() as ctx:
        assert set(ctx.session.scalars(select(BankLine.state))) == {"reversed"}
    assert desk.broken() == {}


def test_what_is_for_a_merged_ticket_is_for_the_living_one(desk: Desk) -> None:
    """A customer has two orders, one is merged into the other, and they pay the former."""
    set_up(desk)
    kept, gone = (ordered(desk, "karla@example.com") for _ in range(2))
    with desk.ctx(desk.mia) as ctx:
        merging.merge(ctx, gone, kept, version=1, other_version=1, key=new_key())
    take(desk, statement(Sent("45.00", reference=rf(gone), bank="1")))
    assert sums(desk, [kept, gone]) == [4500, 0]


def refused(desk: Desk, content: bytes) -> str:
    """Why a file is refused; nothing of it is kept."""
    with pytest.raises(InvalidInputError) as raised:
        take(desk, content)
    with desk.ctx() as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(BankLine)) == 0
    [sentence] = raised.value.problems["file"]
    return str(sentence)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>
<Document><BkToCstmrStmt>&b;</BkToCstmrStmt></Document>"""


def test_what_is_no_statement_is_refused_with_a_sentence(lite_desk: Desk) -> None:
    """No account, a bomb, half a file, another encoding than it says, another account, and no statement."""
    desk = lite_desk
    fine = statement(Sent("45.00", text="Jürgen", bank="1"), Sent("1.00", bank="2"))
    assert refused(desk, fine).startswith("Set up bank transfer first")
    set_up(desk)
    assert "definitions" in refused(desk, BOMB)
    assert "breaks off" in refused(desk, fine[:-60])
    assert "breaks off" in refused(desk, mt940("latin1").partition(b":62F:")[0])
    assert "characters" in refused(desk, fine.decode().encode("latin-1"))
    assert "characters" in refused(desk, fine.replace(b"UTF-8", b"klingon"))
    other = statement(Sent("45.00", bank="1"), iban="DE02120300000000202051")
    assert "this one is of DE02 1203 0000 0000 2020 51" in refused(desk, other)
    for each in (b"", b"name;amount\n", b"<html></html>", b"<a>" * 10_000, b"\x00" * 9, b":20:x\n:25:y\n"):
        assert "CAMT.053" in refused(desk, each) or "breaks off" in refused(desk, each)
    assert "Unpack" in refused(desk, b"PK\x03\x04rest")
    broken = fine.replace(b"45.00", b"45,000.00")
    assert "CAMT.053" in refused(desk, broken)


def mt940(encoding: str) -> bytes:
    """A statement as a German bank writes it."""
    return (Path(__file__).parent / "files" / f"mt940-{encoding}.sta").read_bytes()


@pytest.mark.parametrize("encoding", ["latin1", "utf8", "cp850"])
def test_german_statements_are_read_in_every_encoding(encoding: str) -> None:
    """Account and name are glued together, lines break anywhere, and a booking is taken back."""
    found = read(io.BytesIO(mt940(encoding))).entries
    assert [(each.amount_minor, each.is_debit, each.is_reversal) for each in found] == [
        (12000, False, False),
        (8050, False, False),
        (12000, True, True),
        (990, True, False),
    ]
    assert (found[0].name, found[0].iban) == ("MÜLLER, JÖRG", "DE02120300000000202051")
    assert found[1].name == "ÄRZTEHAUS GMBH & CO"
    assert codes_in(found[0].text).checked == {"PS-7K3M-9QXT"}
    assert found[0].end_to_end == "INV 12"


def test_statements_of_both_kinds_and_versions_are_read() -> None:
    """Batches, both ways to write the state, QR references, and amounts in the currency of the account."""
    files = Path(__file__).parent / "files"
    new = read(io.BytesIO((files / "camt053-08.xml").read_bytes())).entries
    assert [(each.amount_minor, each.place, each.is_reversal) for each in new] == [
        (4500, 0, False),
        (10000, 0, False),
        (20000, 1, False),
        (4500, 0, True),
        (990, 0, False),
    ]
    assert codes_in(new[1].text).plain == {"PS-7K3M-9QXT"}
    [old] = read(io.BytesIO((files / "camt054-02.xml").read_bytes())).entries
    assert (old.amount_minor, old.currency, old.name) == (11999, "CHF", "Zoë Müller")
    assert codes_in(old.reference).checked == {"PS-7K3M-9QXT"}


def test_another_format_of_the_same_days_is_refused(lite_desk: Desk) -> None:
    """The same booking has another name there, and would count twice."""
    set_up(lite_desk)
    assert take(lite_desk, mt940("latin1")).new == 4
    with pytest.raises(InvalidInputError, match="MT940"):
        take(lite_desk, statement(Sent("45.00", bank="1")))


def test_ten_megabytes_are_read_and_more_refused(lite_desk: Desk) -> None:
    """Ten are as many as may be; a single byte more is refused before it is read."""
    text = "x" * 130
    lines = [Sent("1.00", text=text, bank=f"B{number}") for number in range(18_000)]
    content = statement(*lines)
    assert len(content) < LARGEST
    content += b" " * (LARGEST - len(content))
    assert len(read(io.BytesIO(content)).entries) == len(lines)
    set_up(lite_desk)
    with lite_desk.ctx(lite_desk.mia) as ctx, pytest.raises(InvalidInputError, match="smaller"):
        importing.hand_in(ctx, [Upload("a.xml", LARGEST + 1, io.BytesIO())])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_ledger_is_the_same_whatever_comes_first(lite_desk: Desk, data: st.DataObject) -> None:
    """Any split of the same lines into files, in any order, some twice: each ticket has the same sum."""
    desk = lite_desk
    with desk.ctx() as ctx:
        known = payments.provider(ctx.session, "bank")
    if known is None:
        set_up(desk)
    example = next(EXAMPLES)
    codes = many(desk, 3)
    booked = st.tuples(st.integers(0, 2), st.sampled_from(AMOUNTS), st.booleans())
    lines = data.draw(st.lists(booked, max_size=8))
    sent = [
        Sent(amount, codes[which] if plain else "", "" if plain else rf(codes[which]), f"{example}.{at}")
        for at, (which, amount, plain) in enumerate(lines)
    ]
    back = [
        replace(each, bank=f"back.{each.bank}", debit=True, reversal=True, day="2034-03-15")
        for each in sent
        if data.draw(st.booleans())
    ]
    every = sent + back
    expected = dict.fromkeys(codes, 0)
    for which, amount, plain in lines:
        if not plain or amount == "45.00":
            expected[codes[which]] += round(float(amount) * 100)
    for each in back:
        which, amount, plain = lines[int(each.bank.rpartition(".")[2])]
        if not plain or amount == "45.00":
            expected[codes[which]] -= round(float(amount) * 100)
    order = data.draw(st.permutations(every + every[: data.draw(st.integers(0, 3))]))
    while order:
        size = data.draw(st.integers(1, len(order)))
        take(desk, statement(*order[:size]))
        order = order[size:]
    assert sums(desk, codes) == list(expected.values())


def test_what_cannot_be_read_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """It names people and what they paid; and a text that no database holds is refused."""
    begins = ":20:X\n:25:50010517/5407324931EUR\n:28C:1/1\n:60F:C240101EUR100,00\n"
    ends = ":62F:C240102EUR112,00\n-\n"
    for line in (":61:JANE DOE\n", ":61:2401020102C12,00NTRFNONREF//B1\n:86:166?32JANE\x00DOE\n"):
        with pytest.raises(StatementError):
            read(io.BytesIO(f"{begins}{line}{ends}".encode()))
    assert "JANE" not in caplog.text


def test_more_than_a_ticket_can_hold_waits_for_a_person(desk: Desk) -> None:
    """Each of the amounts fits, both together do not; nor does a person assign the second one."""
    set_up(desk)
    code = ordered(desk)
    most = [Sent("20000000.00", reference=rf(code), bank=f"most-{number}") for number in range(2)]
    assert take(desk, statement(*most)).matched == 1
    assert take(desk, statement(Sent("20000000.00", reference=rf(code), bank="most-3"))).matched == 0
    assert sums(desk, [code]) == [20_000_000_00]
    with desk.ctx(desk.mia) as ctx:
        left = ctx.session.scalars(select(BankLine).where(BankLine.state == "open")).all()
        assert [line.reason for line in left] == ["too-large"] * 2
        with pytest.raises(InvalidInputError):
            deciding.look(ctx, left[0].key, code)
    assert desk.broken() == {}
