"""Records of organisations: who belongs to them, what is theirs, and who is forgotten (T8)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select, update

from paidsupport.kernel.codes import new_key
from paidsupport.kernel.errors import (
    InvalidInputError,
    KeyReusedError,
    NotFoundError,
    StaleOrganisationError,
    TransitionRefusedError,
)
from paidsupport.ops.erasure import erasure
from paidsupport.sales.invoices.operations import invoices
from paidsupport.sales.organisations.operations import contacts, matching, records
from paidsupport.sales.organisations.operations.records import Record
from paidsupport.sales.organisations.queries import pages as rows
from paidsupport.sales.organisations.queries import records as organisations
from paidsupport.sales.organisations.tables import Contact, Organisation, OrganisationTicket
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.queries import pages
from paidsupport.tickets.relations.operations import links as relations
from paidsupport.tickets.tables import Ticket
from tests.calling import call, take_calls
from tests.intake.mail.incoming import answer, deliver, mail
from tests.leading import contact, decide, issues_of, lead, organisation, organisation_of, record, wish
from tests.people import Desk

pytestmark = pytest.mark.row("T8")


def newest(desk: Desk) -> str:
    """The code of the newest ticket."""
    with desk.ctx() as ctx:
        return ctx.session.scalars(select(Ticket.code).order_by(Ticket.id.desc())).first() or ""


def named(desk: Desk, code: str, typed: str, key: str = "") -> None:
    """Ada says whose ticket it is."""
    with desk.ctx(desk.ada) as ctx:
        matching.assign(ctx, code, typed, key=key or new_key())


def signed_in(desk: Desk, email: str) -> str:
    """An order of a user of the site whose address it is."""
    return desk.order(email=email, signed_in_as=email)


def test_what_comes_from_a_contact_is_their_organisations(desk: Desk) -> None:
    """By exact address, however it is spelled, or by number; from mail, phone and form; never by domain."""
    take_calls(desk)
    reference = organisation(desk)
    contact(desk, reference, email="Jané@Shop.example", phone="030 1234567")
    for sender in ("JANé@SHOP.example.",):
        code = signed_in(desk, sender)
        assert organisation_of(desk, code) == "Example Shop"
    called = call(desk, email="", phone="+49 (0)30 1234567").code
    assert organisation_of(desk, called) == "Example Shop"
    contact(desk, reference, "Ben", email="ben@shop.example")
    deliver(desk, mail("Hello", From="ben@shop.example"))
    assert organisation_of(desk, newest(desk)) == "Example Shop"
    deliver(desk, mail("Hello", From="stranger@shop.example"))
    assert organisation_of(desk, newest(desk)) == ""
    # two organisations with one address: a person has to say
    contact(desk, organisation(desk, "Other Shop"), email="ben@shop.example")
    deliver(desk, mail("Hello again", From="ben@shop.example"))
    assert organisation_of(desk, newest(desk)) == ""
    assert "organisation-set" in desk.happened(called)
    assert desk.broken() == {}


def test_an_address_that_an_order_names_proves_nothing(desk: Desk) -> None:
    """No organisation, no billing data, until a mail with our proof or a sign-in; a typed sign-in is none."""
    reference = organisation(desk, billing_name="Shop Accounts", vat_id="DE136695976")
    contact(desk, reference, email="jane@shop.example")
    code = desk.order(email="jane@shop.example", signed_in_as="eve@example.net", user_id="eve")
    assert organisation_of(desk, code) == ""
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    email = desk.work()[-1]
    deliver(desk, answer(email, From="eve@example.net"))
    assert organisation_of(desk, code) == ""
    # whoever looks after the records changes nothing about that by adding the address once more
    contact(desk, reference, "Ben", email="ben@shop.example")
    contact(desk, organisation(desk, "Twin", billing_name="Twin Accounts"), email="twin@shop.example")
    unproven = desk.order(email="late@shop.example")
    contact(desk, reference, "Late", email="late@shop.example")
    assert organisation_of(desk, unproven) == ""
    deliver(desk, answer(email, From="JANE@shop.example."))
    assert organisation_of(desk, code) == "Example Shop"
    assert desk.ticket(code).address_proven_at
    assert organisation_of(desk, signed_in(desk, "ben@shop.example")) == "Example Shop"
    assert desk.broken() == {}


def test_billing_data_of_an_old_guess_are_not_shown(lite_desk: Desk) -> None:
    """What an earlier version put to an organisation by an address alone makes no invoice out to it."""
    desk = lite_desk
    reference = organisation(desk, billing_name="Shop Accounts")
    code = desk.order(email="jane@shop.example")
    named(desk, code, reference)
    ticket = desk.ticket(code)
    with desk.ctx() as ctx:
        assert invoices.known_buyer(ctx, ticket).name == "Shop Accounts"
        ctx.session.execute(update(OrganisationTicket).values(how="email"))
        assert invoices.known_buyer(ctx, ticket).name == ticket.customer_name
        ctx.session.execute(update(Ticket).values(address_proven_at=ctx.now))
        assert invoices.known_buyer(ctx, ticket).name == "Shop Accounts"


def test_earlier_tickets_of_a_new_contact_come_along(desk: Desk) -> None:
    """Tickets without an organisation do, so earlier correspondence is on the record."""
    take_calls(desk)
    first, taken = signed_in(desk, "jane@shop.example"), signed_in(desk, "jane@shop.example")
    called = call(desk, email="", phone="030 7654321").code
    other = organisation(desk, "Other Shop")
    named(desk, taken, "other  SHOP")
    reference = organisation(desk)
    contact(desk, reference, email="jane@shop.example", phone="+49 30 7654321")
    assert [organisation_of(desk, code) for code in (first, taken, called)] == [
        "Example Shop",
        "Other Shop",
        "Example Shop",
    ]
    assert record(desk, other).name == "Other Shop"
    assert desk.broken() == {}


def test_a_person_says_whose_ticket_it_is(desk: Desk) -> None:
    """By name; moved to another one; taken off; the sender as a contact with one operation."""
    code = desk.order(email="jane@shop.example")
    shop, bank = organisation(desk), organisation(desk, "Example Bank", kind="bank")
    key = new_key()
    for _ in range(2):
        named(desk, code, "EXAMPLE shop", key)
    assert organisation_of(desk, code) == "Example Shop"
    with pytest.raises(KeyReusedError):
        named(desk, code, "Example Bank", key)
    with pytest.raises(InvalidInputError, match="exact name"):
        named(desk, code, "Example")
    with desk.ctx(desk.ada) as ctx:
        contacts.add_sender(ctx, code, bank, key=new_key())
    assert organisation_of(desk, code) == "Example Bank"
    assert organisation_of(desk, signed_in(desk, "jane@shop.example")) == "Example Bank"
    with desk.ctx(desk.ada) as ctx, pytest.raises(InvalidInputError, match="contact with this address"):
        contacts.add_sender(ctx, code, bank, key=new_key())
    with desk.ctx(desk.ada) as ctx:
        matching.take_off(ctx, code, key=new_key())
    assert organisation_of(desk, code) == ""
    named(desk, code, "Example Shop")
    with desk.ctx(desk.ada) as ctx:
        wish = {"message": None, "service": "installation", "details": "One more."}
        further = relations.request_from(ctx, code, **wish, key=new_key()).code  # type: ignore[arg-type]
    assert organisation_of(desk, further) == "Example Shop"
    assert record(desk, shop).version == 1
    assert desk.broken() == {}


def test_neighbours_do_not_hide_whose_ticket_it_is(lite_desk: Desk) -> None:
    """However many have addresses of the same domain, the page shows its own, and proposes the others."""
    desk = lite_desk
    for name in ("Aa", "Bb", "Cc", "Dd"):
        contact(desk, organisation(desk, name), email=f"{name}@shop.example")
    organisation(desk, "Zz")
    code = desk.order(email="jane@shop.example")
    named(desk, code, "Zz")
    with desk.ctx(desk.ada) as ctx:
        page = pages.for_desk(ctx, code)
    assert page.theirs.organisation is not None
    assert page.theirs.organisation.name == "Zz"


def test_records_are_kept_as_they_should_be(desk: Desk) -> None:
    """Each name once, in any spelling; all errors are shown at once; no change overwrites another."""
    key = new_key()
    with desk.ctx(desk.ada) as ctx:
        first = records.create(ctx, Record("Straße & Söhne"), key=key)
        again = records.create(ctx, Record("Straße & Söhne"), key=key)
        assert first.id == again.id
        with pytest.raises(KeyReusedError):
            records.create(ctx, Record("Another"), key=key)
    with desk.ctx(desk.ada) as ctx, pytest.raises(InvalidInputError, match="with this name exists"):
        records.create(ctx, Record("STRASSE  &  söhne"), key=new_key())
    wrong = Record(
        "\u200b", "love", currency="Euro", holder="99999", vat_id="x\ny", notes="password: hunter2-x"
    )
    with desk.ctx(desk.ada) as ctx, pytest.raises(InvalidInputError) as refused:
        records.create(ctx, wrong, key=new_key())
    assert set(refused.value.problems) == {"name", "kind", "currency", "holder", "vat_id", "notes"}
    changed = Record("Straße & Söhne", "bank", currency="eur", holder=str(desk.ben.id))
    with desk.ctx(desk.ada) as ctx:
        records.edit(ctx, first.reference, changed, version=1, key=new_key())
    with desk.ctx(desk.ben) as ctx, pytest.raises(StaleOrganisationError):
        records.edit(ctx, first.reference, changed, version=1, key=new_key())
    now = record(desk, first.reference)
    assert (now.kind, now.currency, now.holder_id, now.version) == ("bank", "EUR", desk.ben.id, 2)
    with desk.ctx(desk.ada) as ctx, pytest.raises(NotFoundError):
        records.edit(ctx, "nothing", changed, version=1, key=new_key())


def test_what_is_put_away_gets_nothing_new(desk: Desk) -> None:
    """Until it is taken back."""
    reference = organisation(desk)
    contact(desk, reference, email="jane@shop.example")
    with desk.ctx(desk.ada) as ctx:
        records.put_away(ctx, reference, away=True, key=new_key())
    assert organisation_of(desk, desk.order(email="jane@shop.example")) == ""
    with pytest.raises(InvalidInputError, match="is archived"):
        named(desk, newest(desk), "Example Shop")
    with pytest.raises(TransitionRefusedError, match="is archived"):
        contact(desk, reference, email="ben@shop.example")
    with desk.ctx(desk.ada) as ctx:
        assert rows.listed(ctx.session, [])[0] == []
        records.put_away(ctx, reference, away=False, key=new_key())
        assert len(rows.listed(ctx.session, ["shop"])[0]) == 1


def test_two_records_of_one_organisation_become_one(desk: Desk) -> None:
    """Tickets, contacts and notes are on the one that stays; the other one leads there; no chain is made."""
    shop = organisation(desk, notes="Pays late.", vat_id="DE1")
    twin = organisation(desk, "Example Shop Ltd", notes="Wants photos.", billing_email="pay@shop.example")
    contact(desk, shop, email="jane@shop.example")
    contact(desk, twin, email="jane@shop.example", phone="030 1234567")
    contact(desk, twin, "Ben", email="ben@shop.example")
    code = signed_in(desk, "ben@shop.example")
    key = new_key()
    for _ in range(2):
        with desk.ctx(desk.ada) as ctx:
            version = organisations.by_reference(ctx.session, twin).version if not _ else 0
            records.merge(ctx, twin, "example shop", version=version, key=key)
    assert organisation_of(desk, code) == "Example Shop"
    kept = record(desk, shop)
    assert (kept.notes, kept.vat_id, kept.billing_email) == (
        "Pays late.\n\nWants photos.",
        "DE1",
        "pay@shop.example",
    )
    with desk.ctx() as ctx:
        people = ctx.session.scalars(select(Contact).order_by(Contact.id)).all()
        assert [(row.name, row.phone, row.organisation_id) for row in people] == [
            ("Jane Doe", "030 1234567", kept.id),
            ("Ben", "", kept.id),
        ]
    assert organisation_of(desk, signed_in(desk, "ben@shop.example")) == "Example Shop"
    third = organisation(desk, "Example Group")
    with desk.ctx(desk.ada) as ctx:
        records.merge(ctx, shop, third, version=kept.version, key=new_key())
    with desk.ctx(desk.ada) as ctx, pytest.raises(InvalidInputError, match="another organisation"):
        records.merge(ctx, third, "Example Group", version=1, key=new_key())
    assert record(desk, twin).merged_into_id == record(desk, third).id
    assert desk.broken() == {}


@pytest.mark.postgres
def test_of_many_who_make_the_same_record_at_once_one_does(pg_desk: Desk) -> None:
    """The database decides, and all others are told."""

    def make(_: int) -> bool:
        try:
            organisation(pg_desk, "Example Shop")
        except InvalidInputError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(make, range(6))) == 1


@pytest.mark.postgres
def test_merged_at_once_nobody_waits_for_ever(pg_desk: Desk) -> None:
    """Many into one, and two into each other: the one with the lower id is locked first, always."""
    refused: list[BaseException] = []

    def merge(one: str, into: str) -> bool:
        version = versions[one]
        start.wait()
        try:
            with pg_desk.ctx(pg_desk.mia) as ctx:
                records.merge(ctx, one, into, version=version, key=new_key())
        except (InvalidInputError, StaleOrganisationError) as error:
            refused.append(error)
            return False
        return True

    for round_ in range(4):
        into, *others = (organisation(pg_desk, f"{name} {round_}") for name in "ABCDE")
        left, right = (organisation(pg_desk, f"{name} {round_}") for name in "XY")
        deeds = [*((one, into) for one in others), (left, right), (right, left)]
        versions = {one: record(pg_desk, one).version for one, _ in deeds}
        start = threading.Barrier(len(deeds))
        with ThreadPoolExecutor(len(deeds)) as pool:
            done = list(pool.map(merge, *zip(*deeds, strict=True)))
        assert done[:4] == [True] * 4
        assert sum(done[4:]) == 1
    assert len(refused) == 4
    assert pg_desk.broken() == {}


def test_the_record_has_all_that_was_said_in_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages, calls, emails, notes and answers of all tickets, newest first, in three queries."""
    monkeypatch.setattr(rows, "ENTRIES", 4)
    take_calls(desk)
    reference = organisation(desk)
    contact(desk, reference, email="jane@shop.example")
    code = lead(desk)
    called = call(desk, email="jane@shop.example", phone="").code
    desk.write(code, desk.ada, "What exactly do you need?\n\nAda")
    desk.annotate(called, desk.ben, "They called again.")
    offer = desk.offer(code, desk.ada)
    desk.work()
    desk.answer(code, offer, "declined", word="Too much.")
    desk.receive(code, "We think about it.")
    decide(desk, code, wish(desk, code))
    foreign = desk.order(email="else@example.com")
    desk.receive(foreign, "Not theirs.")
    entries, before, costs = [], None, set()
    while True:
        with desk.ctx(desk.ada) as ctx, desk.statements() as sent:
            page = rows.record(ctx.session, reference, ctx.by, before)
        costs.add(len(sent))
        entries += page.entries
        before = page.following
        if before is None:
            break
    assert len(costs) == 1
    keys = [(entry.at, entry.rank, entry.row.id) for entry in entries]
    assert keys == sorted(keys, reverse=True)
    assert len(set(keys)) == len(keys)
    said = [getattr(entry.row, "body", "") for entry in entries]
    for text in ("We think about it.", "They called again.", "Can orders carry photos of receipts?"):
        assert any(text in each for each in said), text
    assert {entry.rank for entry in entries} == {
        rows.MESSAGE,
        rows.LETTER,
        rows.CALL,
        rows.NOTE,
        rows.ANSWER,
    }
    assert {entry.code for entry in entries} == {code, called}
    assert [entry.decision.what for entry in entries if entry.decision] == [offer.what]
    assert [row.code for row in page.leads] == [code]
    assert page.offers[0].reference == offer.reference
    assert issues_of(desk, code) == page.issues == []


def test_the_list_is_found_in_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, contact, address; in the order of names; signs of the database mean nothing."""
    monkeypatch.setattr(rows, "PAGE", 2)
    references = [organisation(desk, f"Shop {email}") for email in "CABED"]
    contact(desk, references[0], "Zoë Quux", email="zoe@c.example")
    with desk.ctx(desk.ada) as ctx:
        seen, after = [], ""
        while True:
            found, more = rows.listed(ctx.session, [], after)
            seen += [row.Organisation.name for row in found]
            if more is None:
                break
            after = more
        assert seen == [f"Shop {email}" for email in "ABCDE"]
        for text in ("quux", "ZOE@c", "shop c", "zoë shop"):
            found, _ = rows.listed(ctx.session, rows.words_of(text))
            assert [row.Organisation.name for row in found] == ["Shop C"], text
        assert rows.listed(ctx.session, rows.words_of("%"))[0] == []
        with pytest.raises(NotFoundError):
            rows.listed(ctx.session, [], "nothing")


def test_whoever_is_erased_is_in_no_record_any_more(desk: Desk) -> None:
    """As a contact, in notes and billing, also where they never wrote; again after a restore."""
    notes = "Ask Jane Doe (jane@shop.example) about photos. Shop of shops."
    shop = organisation(desk, notes=notes, billing_email="JANE@shop.example", billing_name="Example Shop")
    contact(desk, shop, email="jane@shop.example", phone="030 1234567")
    contact(desk, shop, "Ben", email="ben@shop.example", note="The boss of Jane Doe, 030 1234567")
    code = lead(desk)
    wish(desk, code)
    desk.transition(code, "lose", desk.ada, reason="other", note="Nothing.")
    with desk.ctx(desk.mia) as ctx:
        erasure.erase(ctx, "jane@shop.example")
    now = record(desk, shop)
    assert now.notes == "Ask (erased) ((erased)) about photos. Shop of shops."
    assert (now.billing_email, now.billing_name) == ("(erased)", "Example Shop")
    with desk.ctx() as ctx:
        people = ctx.session.scalars(select(Contact)).all()
        assert [(row.name, row.note) for row in people] == [("Ben", "The boss of (erased), (erased)")]
        lost = people[0].reference
    with desk.ctx(desk.mia) as ctx:
        erasure.erase(ctx, "ben@shop.example")
    assert desk.broken() == {}
    # a backup brings the contact back, who never wrote anything
    contact(desk, shop, "Ben", email="ben@shop.example")
    with desk.ctx() as ctx:
        ctx.session.execute(update(Contact).values(reference=lost))
    with desk.ctx(desk.mia) as ctx:
        erasure.replay(ctx)
        assert ctx.session.scalars(select(Contact)).all() == []


def test_the_doctor_sees_what_is_broken(desk: Desk) -> None:
    """Each by its name."""
    shop, other = organisation(desk), organisation(desk, "Other")
    contact(desk, shop, email="jane@shop.example")
    desk.order(email="jane@shop.example")
    with desk.ctx() as ctx:
        ctx.session.execute(update(Contact).values(folded="else"))
        ids = {row.reference: row.id for row in ctx.session.scalars(select(Organisation))}
        ctx.session.execute(
            update(Organisation)
            .where(Organisation.reference == shop)
            .values(merged_into_id=ids[other], archived_at=ctx.now)
        )
    assert set(desk.broken()) == {"organisations are consistent", "contacts can be found"}
    with desk.ctx() as ctx:
        ctx.session.execute(delete(Contact))
        ctx.session.execute(delete(OrganisationTicket))
    assert desk.broken() == {}
    code = desk.order()
    with desk.ctx() as ctx:
        ticket = tickets.lock(ctx.session, code)
        row = OrganisationTicket(
            organisation_id=ids[other], ticket_id=ticket.id, how="hand", by_name="Eve", at=ctx.now
        )
        ctx.session.add(row)
    assert set(desk.broken()) == {"histories say when a ticket got its organisation"}
