"""Everything that managers set up as one file: out, in, looked at first, undone (P10)."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from paidsupport.catalogue import queries as catalogue_queries
from paidsupport.catalogue import tables as catalogue
from paidsupport.intake.guides.tables import Guide, GuideEdition
from paidsupport.intake.mailboxes import operations as mailboxes
from paidsupport.intake.mailboxes import queries as mailbox_queries
from paidsupport.intake.mailboxes import reading as mailbox_reading
from paidsupport.intake.mailboxes.tables import MailboxAccount
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.configuration import choosing, file
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.tables import (
    ConfigurationEvent,
    ConfigurationSnapshot,
    ReasonRow,
    Setting,
)
from paidsupport.kernel.db.base import metadata
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.db.marks import CATALOGUE, mark_of
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.faults import Fault
from paidsupport.kernel.i18n.languages import language_of, speaking, translate
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff import queries as staff
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.operations import NewShift
from paidsupport.kernel.staff.roster.tables import Shift
from paidsupport.kernel.staff.saved import operations as views
from paidsupport.kernel.staff.saved.tables import SavedView
from paidsupport.kernel.ways.tables import WayRow
from paidsupport.manage.reasons import operations as reasons
from paidsupport.manage.ways import operations as ways
from paidsupport.sales.payments.tables import PaymentProvider
from paidsupport.tickets.tone import operations as tone
from paidsupport.tickets.tone.tables import ToneRule
from tests.empty import empty_site
from tests.forms import Opened
from tests.paying import set_up, set_up_taler
from tests.people import Desk, sign_in

pytestmark = pytest.mark.row("P10")

HERE = "/support/desk/setup/file"
_EMPTIED = (
    ToneRule,
    *(catalogue.ServiceQuestion, catalogue.Requirement, catalogue.ServiceVersion, catalogue.Service),
    *(catalogue.Trait, catalogue.ChecklistItem, catalogue.DeadlineRules, catalogue.Boilerplate),
    *(GuideEdition, Guide, SavedView, Shift, Setting, MailboxAccount, ReasonRow),
    *(WayRow, PaymentProvider),
)


def dump(desk: Desk) -> str:
    """The file as it is."""
    with desk.ctx(desk.mia) as ctx:
        return file.dump(ctx)


def load(desk: Desk, text: str, word: str = "") -> bool:
    """Load a file at once."""
    with desk.ctx(desk.mia) as ctx, configuration.edit(ctx) as change:
        return file.carry_out(ctx, change, file.plan(ctx, text), word)


def furnish(desk: Desk) -> None:
    """Something in every part."""
    with desk.ctx(desk.mia) as ctx:
        views.keep(ctx, name="Überfällige", query="part=all&due=over", shared=True)
        views.keep(ctx, name="mine", query="q=x", shared=False)
        for person, place in ((desk.ada, "1"), (desk.ben, "2")):
            roster.add_shift(ctx, NewShift(str(person.id), ["0", "4"], "", "09:00", "00:00", place))
        wanted = {"name": "Ölsardine", "link_days": "9", "ratings": "", "webhook_secret": "tulip"}
        choosing.choose(ctx, wanted)
        (way, *_others) = reasons.ways(ctx)
        there = (way.workflow.name, way.transition.name)
        typed = {"label": "Sold", "told": "", "label_de": "Verkauft"}
        reasons.keep(ctx, *there, "", typed, seen={}, key=new_key())
        reasons.move(ctx, *there, "sold", "1", key=new_key())
        reasons.offer(ctx, *there, "sold", offered=False, key=new_key())
        cheque = {**ways.NEW, "label": "Cheque", "label_de": "Scheck", "example": "To Ada"}
        ways.keep(ctx, "", cheque, seen={}, key=new_key())
        ways.move(ctx, "cheque", "1", key=new_key())
        ways.offer(ctx, "taler", offered=False, key=new_key())
        mine = {"way_paypal": "mia@secret.example"}
        people.set_profile(ctx, email="mia@example.org", payment="", details=mine)
        mailbox = {**mailboxes.NEW, "login": "support@example.org", "host": "imap.example.org"}
        mailboxes.keep(ctx, 0, mailbox, "open sesame", seen={}, key=new_key())
        rule = {"words": "no way\nnever ever", "reason": "It ends the talk.", "language": "de"}
        tone.keep(ctx, 0, {**tone.NEW, **rule}, seen={}, key=new_key())
    set_up_taler(desk)
    set_up(desk, "console", active=False)


def test_what_is_dumped_loads_on_an_empty_desk_and_is_dumped_alike(desk: Desk) -> None:
    """Byte for byte, with everything that the demonstration sets up; loading it again changes nothing."""
    furnish(desk)
    whole = dump(desk)
    for part in (
        "mailbox",
        "provider",
        "tone",
        "reason",
        "way",
        "service",
        "deadlines.paid",
        "trait",
        "checklist",
        "boilerplate",
        "guide",
        "view",
        "shift",
    ):
        assert f"\n[{part}]\n" in whole or f"\n[[{part}]]\n" in whole
    assert whole.startswith("# What the managers")
    assert '\nformat = 1\nholds = ["settings", "service", ' in whole
    assert "tulip" not in whole
    assert "sesame" not in whole
    assert "secret.example" not in whole
    assert 'name = "mine"' not in whole
    assert not load(desk, whole)
    with desk.ctx(desk.mia) as ctx, set_aside(ctx.session):
        for table in _EMPTIED:
            ctx.session.execute(delete(table))
        ctx.services.present.expire(ctx.session)
    assert "[[service]]" not in dump(desk)
    assert load(desk, whole)
    assert dump(desk) == whole
    assert not load(desk, whole)
    assert desk.order()
    assert desk.broken() == {}
    with desk.ctx() as ctx:
        (row,) = mailbox_queries.accounts(ctx.session)
        assert "Enter it again" in str(mailbox_reading.check(ctx, row))
        assert mailbox_reading.addresses(ctx, ()) == []


#: Tables of what staff set up that no part holds, each with the reason.
LEFT_OUT = {
    "configuration": "the record of the history",
    "configuration_event": "the history itself",
    "configuration_snapshot": "the files that were loaded",
    "guide_edition": "earlier texts of guides",
    "item": "copies on tickets",
    "payment": "what customers paid",
    "payout": "what developers were paid",
    "service_version": "published again by loading",
    "ticket": "the work itself",
}


def test_every_table_of_the_set_up_is_in_the_file(lite_desk: Desk) -> None:
    """Whatever the catalogue's mark says is the same for all customers, and what managers set up besides."""
    with lite_desk.ctx() as ctx:
        parts = file.parts_of(ctx)
    held = {table.__tablename__.removeprefix("paidsupport_") for part in parts for table in part.tables}
    marked = {
        table.name.removeprefix("paidsupport_")
        for table in metadata.sorted_tables
        for column in table.columns
        if (mark := mark_of(column)) and mark.reason == CATALOGUE
    }
    assert marked - held <= set(LEFT_OUT)
    assert {"setting", "shift", "saved_view", "person", "mailbox_account"} <= held
    assert len({part.place for part in parts}) == len(parts)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("format = 2", "Line 1: format: This file comes from a newer version"),
        ("format = '1'", "Line 1: format: Write it like this: format = 1"),
        ("format = 1\nholds = ['magic']", "Line 2: holds: There is no “magic”."),
        ("format = 1\nholds = []\n[settings]", "Line 3: settings: “holds” does not name this part."),
        (
            "format = 1\n\n[settings]\nlink_days = 'x'",
            "Line 4: settings: link_days: Write it like this: link_days = 3",
        ),
        ("format = 1\n[settings]\nlink_days = 0", "Line 3: settings: link_days: Enter a number from 1 to"),
        ("format = 1\n[settings]\nvault_keys = 'x'", "Line 3: settings: vault_keys: This key is not known."),
        (
            "format = 1\n[settings]\nwebhook_secret = 'x'",
            "Line 3: settings: webhook_secret: This is never read",
        ),
        ("format = 1\nholds = ['trait']", "checklist “albums”: traits: There is no “upgrade”."),
        ("format = 1\n[settings]\ntime_zone = 'Moon'", "Line 3: settings: time_zone: Enter a time zone"),
        (
            "format = 1\n[[person]]\nemail = 'mia@example.org'\nname = 'M'\nrole = 'developer'",
            "Line 2: person: At least one manager has to stay.",
        ),
        (
            "format = 1\n[[shift]]\nperson = 'ada@example.org'\nweekdays = ['Mo']",
            "Line 4: shift 1: weekdays: Write one of these: Mon, ",
        ),
        (
            "format = 1\n[[guide]]\nslug = 'new'\ntitle = 'x'\nbody = 'x'",
            "Line 3: guide “new”: slug: Choose another address.",
        ),
        (
            "format = 1\n[[view]]\nname = 'a'\nquery = \"a\\nb\"",
            'Line 4: view “a”: query: Write it like this: query = "…"',
        ),
    ],
)
def test_each_fault_is_told_with_its_line(lite_desk: Desk, text: str, fault: str) -> None:
    """And nothing is loaded."""
    before = dump(lite_desk)
    with pytest.raises(InvalidInputError) as refused:
        load(lite_desk, text)
    assert fault in "\n".join(refused.value.problems["file"])
    assert dump(lite_desk) == before


#: Something wrong with every part of a file.
ALL_WRONG = """
format = 1
colour = "red"
[settings]
link_days = "x"
time_zone = "Moon"
webhook_secret = "x"
seller = { name = "A", colour = "red", iban = "DE00" }
[[service]]
slug = "A b"
price = "euro"
currency = "EUR"
workflow = "magic"
traits = ["gone"]
asks_host = 5
claim_hours = 0
deadlines = { answer = "8", warn = 0, size = 1 }
de = { name = "N", summary = "S", requirements = ["x"] }
[[service.question]]
name = "Bad Name"
kind = "riddle"
choices = ["a"]
shown_by = "later"
[[service]]
slug = "twin"
name = "T\\u0000"
[[service]]
slug = "twin"
[[trait]]
name = "T T"
[[checklist]]
name = "a"
gates = ["a", "fly"]
services = ["none"]
evidence = [{ name = "x", label = "X" }, { name = "x", label = "Y" }]
[[checklist]]
name = "b"
gates = ["c"]
skippable = true
[[checklist]]
name = "c"
gates = ["b"]
[[boilerplate]]
body = "{custmer}"
[deadlines.magic]
answer = 8
[[guide]]
slug = "new"
[[guide]]
slug = "A b"
[[tone]]
language = "Deutsch"
[[mailbox]]
security = "much"
port = 0
[[reason]]
workflow = "paid"
transition = "fly"
[[person]]
email = "mia@example.org"
name = "M"
role = "boss"
[[shift]]
weekdays = ["Mo"]
from = "25:00"
[[view]]
query = 1
"""


def _parts(sentence: Message) -> Iterator[object]:
    """A fault, and the sentence after its place, and so on."""
    yield sentence
    if "fault" in sentence.places:
        yield from _parts(sentence.places["fault"])


@pytest.mark.parametrize(
    "text",
    [
        ALL_WRONG,
        'format = 9\nholds = ["magic"]\n[settings]',
        "a = ",
        "a = " + "[" * 999,
        "a = 1 #" + "x" * 3_000_000,
    ],
)
def test_every_fault_is_told_in_the_language_of_its_reader(lite_desk: Desk, text: str) -> None:
    """The words of the file stay what they are."""
    with (
        lite_desk.ctx(lite_desk.mia) as ctx,
        pytest.raises(InvalidInputError) as refused,
    ):
        file.plan(ctx, text)
    told = refused.value.problems["file"]
    for sentence in told:
        assert isinstance(sentence, Message), sentence
        assert all(isinstance(each, Message) for each in _parts(sentence)), sentence
    with speaking(language_of("en-XA")):
        assert all(str(translate(sentence)).startswith("⟦") for sentence in told)
    assert text != ALL_WRONG or len(told) > 40


def test_a_fault_is_no_plain_text(lite_app: Flask) -> None:
    """Whoever adds one in English only is told so; the browser says it in the reader's language."""
    with pytest.raises(TypeError, match="can't be translated"):
        Fault("service", "there is no such thing")  # type: ignore[arg-type]
    browser = sign_in(lite_app, "mia")
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    form = Opened(browser, HERE)
    assert form.send(text="format = 1\n[settings]\nlink_days = 0\n", file=None).status_code == 422
    assert "settings: link_days: Geben Sie eine Zahl von 1 bis" in form.page.get_text()


def test_a_mangled_file_is_refused_or_loaded_and_never_a_crash(lite_desk: Desk) -> None:
    """Values of wrong types, lines gone, doubled or cut."""
    furnish(lite_desk)
    lines = dump(lite_desk).splitlines()
    values = st.sampled_from(
        ["1", "-1", "true", '""', '"x"', "[]", "{}", "[[]]", "{a = 1}", "9" * 30, "nan", "2030-01-01", "[1]"]
    )
    places = st.integers(0, len(lines) - 1)

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(st.tuples(places, st.sampled_from(["value", "gone", "twice", "cut"]), values), max_size=3)
    )
    def check(changes: list[tuple[int, str, str]]) -> None:
        mangled = list(lines)
        for place, how, value in changes:
            line = mangled[place]
            key = line.partition(" = ")[0]
            mangled[place] = {
                "value": f"{key} = {value}" if " = " in line else line,
                "gone": "",
                "twice": f"{line}\n{line}",
                "cut": line[: len(line) // 2],
            }[how]
        with lite_desk.ctx(lite_desk.mia) as ctx:
            try:
                with configuration.edit(ctx) as change:
                    file.carry_out(ctx, change, file.plan(ctx, "\n".join(mangled)), "x")
            except InvalidInputError:
                pass
            finally:
                ctx.session.rollback()
                ctx.services.present.expire(ctx.session)

    check()


def test_an_import_is_looked_at_loaded_and_undone(app: Flask, desk: Desk) -> None:
    """In the browser: what it changes is shown first, and a word is asked for."""
    furnish(desk)
    browser = sign_in(app, "mia")
    answer = browser.get(f"{HERE}/download")
    before = answer.text
    assert before == dump(desk)
    assert "attachment; filename=configuration-" in answer.headers["Content-Disposition"]
    changed = (
        before.replace('price = "45.00"', 'price = "47.00"')
        .replace("Ölsardine", "Makrele")
        .replace('until = "24:00"', 'until = "23:00"')
    )
    form = Opened(browser, HERE)
    answer = form.send(file=(io.BytesIO(changed.encode()), "a.toml"))
    assert answer.status_code == 303
    look = Opened(browser, answer.location)
    said = " ".join(look.page.get_text(" ").split())
    for words in (
        "Settings Name of the desk changed Value Ölsardine Makrele",
        "Installation changed Price USD 45.00 USD 47.00",
    ):
        assert words in said
    assert look.send(word=" ").status_code == 422
    assert "Say what was changed, and why." in look.errors["word"]
    assert dump(desk) == before
    assert look.send(word="Dearer.").status_code == 303
    assert dump(desk) == changed
    with desk.ctx() as ctx:
        assert catalogue_queries.orderable(ctx, "installation").price_minor == 4700
        event = ctx.session.scalars(
            select(ConfigurationEvent).order_by(ConfigurationEvent.number.desc())
        ).first()
        assert event
        assert (event.kind, event.data["word"]) == ("loaded", "Dearer.")
        assert event.data["after"] == {"parts": ["Settings", "Services", "Roster"]}
    answer = Opened(browser, HERE, "/undo").send()
    undo = Opened(browser, answer.location)
    assert "from before that import" in undo.page.get_text()
    assert undo.send(word="Too dear.").status_code == 303
    assert dump(desk) == before
    with desk.ctx() as ctx:
        kinds = ctx.session.scalars(
            select(ConfigurationEvent.kind).order_by(ConfigurationEvent.number.desc())
        )
        assert kinds.first() == "undone"
    listed = BeautifulSoup(browser.get(HERE).text, "html.parser")
    assert [row.select("p")[0].get_text() for row in listed.select("#ps-earlier + ul > li")] == [
        "Too dear.",
        "Dearer.",
    ]
    assert len(listed.select("form[action$='/undo']")) == 1
    assert desk.broken() == {}


def test_nothing_typed_is_lost_and_what_changed_since_is_shown_again(
    lite_app: Flask, lite_desk: Desk
) -> None:
    """A file with faults stands in the form, to be mended; no change in between is overwritten unseen."""
    browser = sign_in(lite_app, "mia")
    form = Opened(browser, HERE)
    answer = form.send(file=(io.BytesIO(b"format = 1\n[settings]\nlink_days = 'x'\n"), "a.toml"))
    assert answer.status_code == 422
    assert "Line 3: settings: link_days: Write it like this: link_days = 3" in form.errors["file"]
    assert form.values["text"].strip() == "format = 1\n[settings]\nlink_days = 'x'"
    answer = form.send(text="format = 1\n[settings]\nlink_days = 9\n", file=None)
    look = Opened(browser, answer.location)
    with lite_desk.ctx(lite_desk.mia) as ctx:
        choosing.choose(ctx, {"name": "Hering"})
    assert look.send(word="Shorter.").status_code == 409
    assert "Hering" in look.page.get_text()
    assert look.send().status_code == 303
    assert "link_days = 9" in dump(lite_desk)
    assert browser.get(answer.location).status_code == 404
    for data in (b"\xff\xfe", b"a\0", b"", b"#" * 3_000_000):
        assert Opened(browser, HERE).send(file=(io.BytesIO(data), "a"), text="").status_code == 422
    answer = Opened(browser, HERE).send(text="format = 1\n[settings]\n", file=None)
    lite_desk.clock.forward(days=1)
    assert browser.get(answer.location).status_code == 404
    lite_desk.work()
    with lite_desk.ctx() as ctx:
        assert ctx.session.scalars(select(ConfigurationSnapshot.applied_at)).all() != [None]


def test_a_file_lets_no_one_in_and_sends_no_one_away(lite_desk: Desk) -> None:
    """It sets names and roles of people who work here; of others it says what is left out."""
    people = "format = 1\n" + "".join(
        f"[[person]]\nemail = '{email}'\nname = '{name}'\nrole = 'manager'\n"
        for email, name in (("ben@example.org", "Benno"), ("eve@example.org", "Eve"))
    )
    with lite_desk.ctx(lite_desk.mia) as ctx:
        notes = file.plan(ctx, people).notes
    assert [str(note) for note in notes] == ["eve@example.org does not work here. Invite them first."]
    assert load(lite_desk, people)
    with lite_desk.ctx() as ctx:
        found = {row.email: (row.name, row.role) for row in staff.everybody(ctx.session)}
    assert found["ben@example.org"] == ("Benno", "manager")
    assert found["ada@example.org"][1] == "developer"
    assert "eve@example.org" not in found


def test_commands_write_show_load_and_undo(lite_app: Flask, lite_desk: Desk, tmp_path: Path) -> None:
    """What the browser does, for a script."""
    run = partial(lite_app.test_cli_runner().invoke, args=None)
    before = run(args=["paidsupport", "configuration", "dump"]).output
    assert before == dump(lite_desk)
    path = tmp_path / "a.toml"
    path.write_text(before.replace('price = "45.00"', 'price = "47.00"'), encoding="utf-8")
    load_ = ["paidsupport", "configuration", "load", str(path)]
    shown = run(args=[*load_, "--dry-run"]).output
    assert "Services: Installation: changed\n    Price: USD 45.00 → USD 47.00" in shown
    assert dump(lite_desk) == before
    assert "Configuration loaded." in run(args=[*load_, "--word", "Dearer."]).output
    assert '"47.00"' in dump(lite_desk)
    assert run(args=["paidsupport", "configuration", "undo"]).exit_code == 0
    assert dump(lite_desk) == before
    path.write_text("format = 9", encoding="utf-8")
    refused = run(args=load_)
    assert (refused.exit_code, "Line 1: format: This file comes from a newer" in refused.output) == (1, True)


def test_a_file_from_before_there_were_formats_loads(database_uri: str, tmp_path: Path) -> None:
    """Into an empty desk of today, on either database: all that it says is there, and can be ordered."""
    older, newer = Path(__file__).with_name("older.toml"), tmp_path / "newer.toml"
    for app in empty_site(database_uri, tmp_path):
        run = partial(app.test_cli_runner().invoke, args=None)
        shown = run(args=["paidsupport", "configuration", "load", str(older)])
        assert shown.exit_code == 0, shown.output
        assert "Services: Piano tuning: added" in shown.output
        run(args=["paidsupport", "configuration", "dump", str(newer)])
        said, kept = (tomllib.loads(path.read_text(encoding="utf-8")) for path in (older, newer))
        assert kept["format"] == file.FORMAT
        # amounts are written in full, and nothing else differs
        assert list(_lost(said, kept, "")) == ["/service/0/price: 120", "/service/1/price: 0"]
        assert [each["price"] for each in kept["service"]] == ["120.00", "0.00"]
        customer = app.test_client()
        assert "Which kind of piano is it?" in customer.get("/support/order/tuning").text
        assert "Klavierstimmung" in customer.get("/support/", headers={"Accept-Language": "de"}).text
        # by the command of the catalogue, too; then nothing is left to change, by either form of it
        assert run(args=["paidsupport", "catalogue", "load", str(older)]).exit_code == 0
        for path in (older, newer):
            look = run(args=["paidsupport", "configuration", "load", str(path), "--dry-run"])
            assert "The file changes nothing." in look.output


def _lost(said: Any, kept: Any, where: str) -> Iterator[str]:  # noqa: ANN401  # of TOML
    """What one file says and another one does not."""
    if isinstance(said, dict) and isinstance(kept, dict):
        for key, value in said.items():
            yield from _lost(value, kept.get(key), f"{where}/{key}")
    elif isinstance(said, list) and isinstance(kept, list) and len(said) == len(kept):
        for number, value in enumerate(said):
            yield from _lost(value, kept[number], f"{where}/{number}")
    elif said != kept:
        yield f"{where}: {said}"


def test_a_draft_that_the_file_leaves_alone_is_not_published(lite_desk: Desk) -> None:
    """Not even one that could not be published; a change of the checklist reaches the others."""
    with lite_desk.ctx(lite_desk.mia) as ctx, set_aside(ctx.session):
        for slug, name in (("customization", "Half"), ("upgrade", "Dearer")):
            row = ctx.session.scalars(select(catalogue.Service).where(catalogue.Service.slug == slug)).one()
            row.name, row.traits = name, [*row.traits, "gone"]
    assert not load(lite_desk, dump(lite_desk))
    changed = dump(lite_desk).replace('name = "Dearer"', 'name = "Better"').replace(', "gone"]', "]", 1)
    item = re.search(r'\[\[checklist\]\]\nname = "([^"]*)"\ntext = "', changed)
    assert item
    load(lite_desk, changed.replace(item[0], f"{item[0]}First: "))
    with lite_desk.ctx() as ctx:
        offered = {each.slug: str(each.name) for each in catalogue_queries.services(ctx)}
        newest = catalogue_queries.newest_versions(ctx.session).values()
        texts = {row.name: row.checklist[0]["text"].startswith("First: ") for row in newest}
    assert (offered["customization"], offered["upgrade"]) == ("Customization", "Better")
    assert (texts["Installation"], texts["Better"], texts["Customization"]) == (True, True, False)
