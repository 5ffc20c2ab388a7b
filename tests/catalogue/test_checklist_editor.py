"""Editing the checklist in the browser, without scripts: items, evidence and traits (P10)."""

from __future__ import annotations

import pytest
from flask import Flask

from paidsupport.catalogue.checklists import queries
from paidsupport.catalogue.checklists.operations import items
from paidsupport.catalogue.tables import ChecklistItem, Trait
from tests.catalogue.rows import Manager, errors, told
from tests.people import Desk, sign_in
from tests.services import publish_all

pytestmark = pytest.mark.row("P10")

THERE = "/support/desk/setup/checklist"
NEW = f"{THERE}/new_item"
TRAITS = "/support/desk/setup/traits"


def rows(desk: Desk) -> dict[str, ChecklistItem]:
    """The items of the draft by name, in order."""
    with desk.ctx() as ctx:
        return {row.name: row for row in queries.items(ctx.session)}


def by_phase(desk: Desk) -> list[str]:
    """Their names by phase, which is how people see them."""
    return [row.name for row in sorted(rows(desk).values(), key=lambda row: row.phase)]


def traits(desk: Desk) -> dict[str, Trait]:
    """The traits by name, in order."""
    with desk.ctx() as ctx:
        return {row.name: row for row in queries.traits(ctx.session)}


def test_an_item_is_added_changed_moved_and_removed(app: Flask, desk: Desk) -> None:
    """With all that it has; each step is told, and only a publication brings it to orders."""
    mia, before = Manager(app), by_phase(desk)
    made = mia.send(
        NEW,
        text="Turn the alarm off",
        reason="It would ring.",
        told="The alarm was off.",
        phase="before",
        services=["upgrade"],
        unless=["zip"],
        moves=["close"],
        items=["backup"],
        consent="y",
        guide="alarms",
        text_de="Alarm aus",
    )
    assert made.status_code == 303
    row = rows(desk)["turn-the-alarm-off"]
    assert (row.text, row.phase, row.services, row.traits) == (
        "Turn the alarm off",
        "before",
        ["upgrade"],
        [],
    )
    assert (row.unless, row.gates, row.consent, row.skippable) == (["zip"], ["close", "backup"], True, False)
    assert (row.guide, row.translations) == ("alarms", {"de": {"text": "Alarm aus"}})
    assert mia.send(f"{THERE}/{row.name}", name="alarm").status_code == 303
    assert "alarm" in rows(desk)
    moved = mia.press(THERE, f"{THERE}/alarm/move", to="place", place="1")
    assert moved.location.endswith("?focus=item-alarm-go")
    assert mia.page(moved.location).select_one("#item-alarm-go[autofocus]")
    those = [name for name, each in rows(desk).items() if each.phase == "before"]
    assert those[0] == "alarm"
    assert [name for name in by_phase(desk) if name != "alarm"] == before
    assert mia.press(f"{THERE}/alarm", f"{THERE}/alarm/remove").status_code == 303
    assert by_phase(desk) == before
    kinds = [kind for kind, about, _data in told(desk, "item") if about in {"item:alarm", f"item:{row.name}"}]
    assert kinds == ["added", "changed", "moved", "removed"]
    assert sign_in(app, "ada").get(THERE).status_code == 403
    assert desk.broken() == {}


def test_what_can_never_be_done_is_refused(app: Flask, desk: Desk) -> None:
    """Circles with the whole way round, at the field; so is every other fault."""
    mia = Manager(app)
    for name, waiting in (("first", []), ("second", ["first"]), ("third", ["second"])):
        assert mia.send(NEW, text=name.title(), reason="So.", name=name, items=waiting).status_code == 303
    refused = mia.send(f"{THERE}/first", items=["third"])
    assert "First → Third → Second → First" in errors(refused)
    assert "cannot be skipped" in errors(mia.send(f"{THERE}/second", skippable="y"))
    said = errors(
        mia.send(NEW, text=" ", name="First One", guide="/help", traits=["zip"], unless=["zip"], told_de="x")
    )
    for sentence in (
        "Say what is to be done.",
        "Say in one sentence why",
        "Use small letters, digits and hyphens",
        "Enter the address of a guide",
        "is chosen in both lists",
        "Fill in the field above first",
    ):
        assert sentence in said
    assert "Another one has this name" in errors(mia.send(NEW, text="A", reason="B", name="first"))
    assert "Choose one of these" in errors(mia.send(NEW, text="A", reason="B", services=["nothing"]))
    # what waited for an item that is gone waits no longer, and that is told
    assert mia.press(f"{THERE}/second", f"{THERE}/second/remove").status_code == 303
    assert rows(desk)["third"].gates == []
    assert [about for kind, about, _ in told(desk, "item") if kind == "changed"] == ["item:third"]


def test_evidence_is_edited_row_by_row(app: Flask, desk: Desk) -> None:
    """In its order, with versions that are refused; what was published keeps its name."""
    mia, item = Manager(app), f"{THERE}/backup"
    before = [row["name"] for row in rows(desk)["backup"].evidence]
    new = f"{item}/evidence/new_evidence"
    made = mia.send(
        new,
        label="Which tar?",
        kind="text",
        refuse="1.2\n1.3",
        refusal="It forgets links.",
        label_de="Welches tar?",
        refusal_de="Es vergisst Links.",
    )
    assert made.status_code == 303
    last = rows(desk)["backup"].evidence[-1]
    assert last == {
        "name": "which-tar",
        "label": "Which tar?",
        "kind": "text",
        "required": True,
        "refuse": ["1.2", "1.3"],
        "refusal": "It forgets links.",
    }
    texts = rows(desk)["backup"].translations["de"]["evidence"]
    assert texts["which-tar"] == {"label": "Welches tar?", "refusal": "Es vergisst Links."}
    assert texts.keys() > {"which-tar"}
    there = f"{item}/evidence/which-tar"
    assert mia.send(there, required=None, name="tar").status_code == 303
    moved = mia.press(item, f"{item}/evidence/tar/move", to="up")
    assert moved.location.endswith("?focus=evidence-tar-up")
    assert [row["name"] for row in rows(desk)["backup"].evidence] == [*before[:-1], "tar", before[-1]]
    assert "Enter the versions" in errors(mia.send(new, label="A", refusal="B"))
    assert "Say what is to be entered" in errors(mia.send(new, label=""))
    assert "Another one has this name" in errors(mia.send(new, label="A", name="where"))
    assert "Keep the name “where”" in errors(mia.send(f"{item}/evidence/where", name="place"))
    assert mia.press(f"{item}/evidence/tar", f"{item}/evidence/tar/remove").status_code == 303
    assert [row["name"] for row in rows(desk)["backup"].evidence] == before
    assert "tar" not in rows(desk)["backup"].translations["de"]["evidence"]
    assert [kind for kind, *_ in told(desk, "evidence")] == ["added", "changed", "moved", "removed"]
    assert mia.client.get(f"{item}/evidence/nothing").status_code == 404


def test_traits_are_edited_and_removed_only_if_unused(app: Flask, desk: Desk) -> None:
    """The page says what needs a trait; its name stays."""
    mia = Manager(app)
    assert (
        mia.send(f"{TRAITS}/new_trait", label="Behind a proxy", label_de="Hinter einem Proxy").status_code
        == 303
    )
    assert traits(desk)["behind-a-proxy"].translations == {"de": {"label": "Hinter einem Proxy"}}
    assert "Enter what the trait is called" in errors(mia.send(f"{TRAITS}/new_trait", label=""))
    assert mia.send(f"{TRAITS}/behind-a-proxy", label="Proxy", name="other").status_code == 303
    assert traits(desk)["behind-a-proxy"].label == "Proxy"
    mia.press(THERE, f"{TRAITS}/behind-a-proxy/move", to="place", place="1")
    assert next(iter(traits(desk))) == "behind-a-proxy"
    mia.send(NEW, text="Trust the proxy", reason="Addresses.", traits=["behind-a-proxy"])
    publish_all(desk)
    there = f"{TRAITS}/behind-a-proxy"
    said = errors(mia.press(there, f"{there}/remove"))
    assert "The item “Trust the proxy” depends on this trait" in said
    item = f"{THERE}/trust-the-proxy"
    assert mia.press(item, f"{item}/remove").status_code == 303
    assert "The published version of “Upgrade” needs this trait" in errors(
        mia.press(there, f"{there}/remove")
    )
    publish_all(desk)
    assert mia.press(there, f"{there}/remove").status_code == 303
    assert "behind-a-proxy" not in traits(desk)
    said = errors(mia.press(f"{TRAITS}/zip", f"{TRAITS}/zip/remove"))
    assert "The question “" in said
    assert [kind for kind, *_ in told(desk, "trait")] == ["added", "changed", "moved", "removed"]


def test_what_was_published_keeps_its_name_and_two_managers_are_merged(app: Flask, desk: Desk) -> None:
    """Lists are merged as a whole, like texts."""
    mia, there = Manager(app), f"{THERE}/backup"
    assert "Keep the name “backup”" in errors(mia.send(there, name="copy"))
    first, second = (mia.filled(there, **typed) for typed in ({"told": "Saved."}, {"services": ["upgrade"]}))
    third = mia.filled(there, services=["installation"], reason="Because.")
    for sent in (first, second):
        assert mia.client.post(there, data=sent).status_code == 303
    assert (rows(desk)["backup"].told, rows(desk)["backup"].services) == ("Saved.", ["upgrade"])
    refused = mia.client.post(there, data=third)
    assert "This was changed to “upgrade” meanwhile" in errors(refused)
    assert "Because." in refused.text
    with desk.ctx() as ctx:
        names = list(rows(desk))
        assert set(items.values_of(queries.item(ctx.session, "backup"), names)) >= set(items.NEW)
