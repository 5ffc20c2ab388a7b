"""What is stored about one customer, for them to have: to read, for programs, with the files (P13)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import update

from paidsupport.kernel.actors import CUSTOMER
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db import marks
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.files import Upload
from paidsupport.ops.erasure.queries import tables
from paidsupport.ops.export import customer, lines, rules
from paidsupport.ops.export.lines import short
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations import correspondence
from tests.leading import contact, organisation
from tests.ops.erasure.test_erasure import ADDRESS, MARK, ended
from tests.ops.export.schemas import faults
from tests.ops.export.test_everything import run
from tests.ops.export.test_exports import ask, download, told
from tests.people import Desk, sign_in
from tests.sales.invoices.test_invoices import deed, issued

pytestmark = pytest.mark.row("P13")


def exported(desk: Desk, **typed: str) -> zipfile.ZipFile:
    """What a manager downloads."""
    page = ask(desk.app, kind="customer", **typed)
    assert "The export will be ready in a moment." in page.text
    desk.work()
    got = download(desk.app)
    assert got.status_code == 200
    assert "customer-" in got.headers["Content-Disposition"]
    return zipfile.ZipFile(io.BytesIO(got.data))


def read(opened: zipfile.ZipFile) -> tuple[BeautifulSoup, dict[str, Any]]:
    """The page, and the same for programs."""
    page = BeautifulSoup(opened.read(customer.PAGE).decode(), "html.parser")
    return page, json.loads(opened.read(customer.DATA))


def unfit(schema: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
    """Where a row is not a line as the published schema describes them."""
    beside = {name: value for name, value in data.items() if isinstance(value, list) and name != "tickets"}
    for part in (*data["tickets"], beside):
        for name, rows in part.items():
            for row in rows:
                assert row["type"] == name
                yield from faults(schema["$defs"][name], row)


def test_the_tables_for_customers_are_those_that_say_something_about_them() -> None:
    """What is not named among them is for staff, so that a new table is not shown by mistake."""
    names = {short(table) for table in tables()} | {"contact"}
    assert {"payment", "invoice_line"} | names >= rules.FOR_CUSTOMER
    columns = {f"{short(kind.table)}.{column.name}" for kind in lines.kinds() for column in kind.columns}
    assert columns >= rules.FOR_STAFF
    assert all(f"{table}.{column}" in columns for table, (column, _) in rules.FOR_WHOM.items())


def test_a_customer_gets_what_is_theirs_and_no_word_among_staff(desk: Desk) -> None:
    """All tickets of the same person, in any spelling; with notes only if a manager ticks that."""
    code = desk.in_progress(desk.ben, email=ADDRESS)
    upload, picture = (Upload(name, 1, io.BytesIO(b"x")) for name in ("a: b.txt", "c.png"))
    with desk.ctx(CUSTOMER) as ctx:
        correspondence.receive(
            ctx, tickets.lock(ctx.session, code), f"Go ahead, {MARK}.", key=new_key(), uploads=[upload]
        )
    desk.annotate(code, desk.ben, f"{MARK} is nice.", uploads=[picture])
    desk.finish(code, desk.ben)
    other = desk.in_progress(desk.ada, email=ADDRESS.replace("example.com", "EXAMPLE.com"), details="Second.")
    secret = desk.give(other, "tulip-Field-9", label="The panel")
    desk.look(other, secret, desk.ada, reason="To see the log.")
    bill = issued(desk, desk.in_progress(desk.ben, email=ADDRESS, details="Billed."))
    contact(desk, organisation(desk), email=ADDRESS, name="Jane of the club")
    desk.order(email="someone@example.com", details="Somebody else’s.")
    with exported(desk, customer=f" {ADDRESS} ") as opened:
        page, data = read(opened)
        names = opened.namelist()
        everything = b"".join(opened.read(name) for name in names).decode()
    assert {code, other} <= {each["ticket"][0]["code"] for each in data["tickets"]}
    assert len(data["tickets"]) == 3
    text = page.get_text(" ")
    for said in (code, other, "Second.", f"Go ahead, {MARK}.", "To see the log.", "Jane of the club"):
        assert said in text
    assert f"Invoice {bill.series}-{bill.number:04}" in text
    # no word of staff among themselves, and nothing that opens
    for hidden in ("is nice", "Somebody else", "tulip-Field-9", "internal", desk.ticket(other).reference):
        assert hidden not in everything
    assert not {"annotation", "ticket_event", "feature_request"} & {
        name for t in data["tickets"] for name in t
    }
    # files are linked, and there
    links = {unquote(str(link["href"])) for link in page.select("a")}
    assert links == {name for name in names if name.startswith("files/")}
    assert len(links) == 1
    assert not page.select("script, [onclick], img, link")
    schema = lines.schema()
    assert list(unfit(schema, data)) == []
    assert faults(schema, {"type": "nothing"}) != []
    with exported(desk, customer=other, with_notes="y") as opened:
        page, data = read(opened)
        everything = b"".join(opened.read(name) for name in opened.namelist()).decode()
    assert list(unfit(schema, data)) == []
    assert f"{MARK} is nice." in page.get_text(" ")
    assert {"annotation", "ticket_event"} <= data["tickets"][0].keys()
    assert len([name for name in opened.namelist() if name.startswith("files/")]) == 2
    assert "tulip-Field-9" not in everything
    codes = ", ".join(sorted([code, other], key=[code, other].index))
    kinds = [(kind, who) for kind, who, _ in told(desk)]
    assert kinds == [("exported", "Mia"), ("downloaded", "Mia")] * 2
    assert all(label.startswith(codes) for _, _, label in told(desk))
    assert desk.broken() == {}


def test_the_page_says_all_of_it_as_the_customer_knows_it(lite_desk: Desk) -> None:
    """What was answered, confirmed, decided, paid and emailed, each in their words."""
    answers = {"php": ["8.2"], "database": ["PostgreSQL"], "features": ["E-cards", "Comments"]}
    code = lite_desk.in_progress(lite_desk.ada, answers=answers)
    asked, offered = lite_desk.ask(code, lite_desk.ada), lite_desk.offer(code, lite_desk.ada)
    lite_desk.work()
    lite_desk.answer(code, asked, "declined")
    lite_desk.answer(code, offered, "approved")
    lite_desk.ask(code, lite_desk.ada, what="Restart the server")
    bill = issued(lite_desk, code)
    deed(lite_desk, "paid", bill)
    lite_desk.work()
    with exported(lite_desk, customer=code) as opened:
        page, data = read(opened)
    text = " ".join(page.get_text(" ").split())
    for said in (
        "Which features would you like? E-cards, Comments",
        "You confirmed My web space runs PHP 7.4",
        "Restart Apache The new module is not loaded before.",
        "Not approved · ",
        "Accepted · ",
        "Restart the server",
        "Not answered yet",
        "USD 65.00 · 14 March 2034 · Paid",
    ):
        assert said in text
    emails = [each.get_text() for each in page.select("details summary")]
    assert any(f"Your order: Installation ({code})" in each for each in emails)
    # what was written in a message is not there twice
    assert len(emails) < len(data["tickets"][0]["email"])


def test_the_page_is_in_the_language_of_the_customer(lite_desk: Desk) -> None:
    """And what people typed stays as typed, harmless in the page."""
    code = lite_desk.order(details="<script>alert(1)</script>", name="Jürgen <b>")
    with lite_desk.ctx() as ctx:
        table = Base.metadata.tables["paidsupport_ticket"]
        ctx.session.execute(update(table).values(language="de"))
    with exported(lite_desk, customer=code.lower()) as opened:
        page, _ = read(opened)
    assert page.html is not None
    assert page.html["lang"] == "de"
    assert "<script>alert(1)</script>" in page.get_text()
    assert not page.select("script, b")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter an email address, phone number or ticket code."),
        ("nobody@example.com", "There is nothing about this customer, or it was erased."),
        ("PS-2222-2222", "There is no ticket with this code."),
        ("+49 30 123", "There is nothing about this customer, or it was erased."),
    ],
)
def test_a_customer_who_is_not_known_is_refused(lite_app: Flask, typed: str, sentence: str) -> None:
    """At the field, with what was typed."""
    page = BeautifulSoup(ask(lite_app, kind="customer", customer=typed).text, "html.parser")
    field = page.select_one("#customer")
    assert field
    assert field["value"] == typed
    assert sentence in page.select_one("#customer-error").get_text()  # type: ignore[union-attr]
    assert "No exports yet" in page.get_text()


def test_an_erased_customer_is_refused(lite_desk: Desk) -> None:
    """By the code, which stays, and on the command line; so is a name that is taken."""
    code = ended(lite_desk)
    done = run(lite_desk, "customer", code, str(lite_desk.app.instance_path) + ".none/x.zip")
    assert done.exit_code == 1
    lite_desk.app.test_cli_runner().invoke(args=["paidsupport", "erase", ADDRESS, "--yes"])
    page = ask(lite_desk.app, kind="customer", customer=code)
    assert f"The customer of {code} was erased. Nothing about them is kept." in page.text
    done = run(lite_desk, "customer", code, "x.zip")
    assert done.exit_code == 1
    assert "was erased" in done.output
    # an address still prints, as it always did
    done = run(lite_desk, ADDRESS)
    assert json.loads(done.output)["tickets"] == []


def test_only_managers_export(lite_desk: Desk) -> None:
    """A developer gets no page, no export, no file."""
    ask(lite_desk.app)
    lite_desk.work()
    assert sign_in(lite_desk.app, "ada").get("/support/desk/setup/export").status_code == 403
    assert marks.is_stored(Base.metadata.tables["paidsupport_export"].c.storage_key)


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd", "1-.._.._etc_passwd"),
        ("C:\\con.txt", "1-C__con.txt"),
        ("/a\0b\n", "1-_a_b_"),
        ("x. .", "1-x"),
        ("…", "1-_"),
        ("ü" * 200 + ".html", f"1-{'ü' * 60}.html"),
        ("a." + "b" * 200, f"1-a.{'b' * 20}"),
        ("b" * 200, f"1-{'b' * 120}"),
    ],
)
def test_a_file_gets_a_name_that_every_system_can_store(name: str, stored: str) -> None:
    """In its own folder, whatever its sender called it."""
    assert rules.safe_name(1, name) == stored
