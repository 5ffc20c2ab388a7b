"""Which items apply, what they wait for, and what counts as evidence."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.catalogue.rules.checklists import Evidence, EvidenceKind, Phase, Template, declaration_faults
from paidsupport.catalogue.rules.questions import as_row
from paidsupport.kernel.text import BadTextError
from paidsupport.tickets.checklist.rules import ItemState, check_evidence, holding_back, resting_on

pytestmark = pytest.mark.row("G12", "G13", "N3")


@dataclass
class Line:
    """An item as the rules see it."""

    name: str
    state: str = ItemState.OPEN
    gates: list[str] = field(default_factory=list)
    phase: str = Phase.DURING


@pytest.mark.parametrize(
    ("template", "service", "traits", "applies"),
    [
        (Template("a", "A", "B"), "upgrade", set(), True),
        (Template("a", "A", "B", services=("upgrade",)), "upgrade", set(), True),
        (Template("a", "A", "B", services=("upgrade",)), "installation", set(), False),
        (Template("a", "A", "B", traits=("root", "zip")), "upgrade", {"root"}, False),
        (Template("a", "A", "B", traits=("root", "zip")), "upgrade", {"root", "zip", "more"}, True),
        (Template("a", "A", "B", traits=("root",), unless=("zip",)), "upgrade", {"root", "zip"}, False),
        (Template("a", "A", "B", unless=("zip",)), "upgrade", set(), True),
    ],
)
def test_an_item_applies_by_service_and_traits(
    template: Template,
    service: str,
    traits: set[str],
    applies: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """All traits named must be there, and none of those that exclude it."""
    assert template.applies(service, traits) is applies


def test_open_items_hold_back_what_they_gate() -> None:
    """Done, skipped and refused ones hold nothing back; what was done on them rests on them."""
    backup = Line("backup", gates=["upgrade", "close"])
    upgrade = Line("upgrade", state=ItemState.DONE, gates=["close"])
    lines = [backup, upgrade]
    assert holding_back("upgrade", lines) == [backup]
    assert holding_back("close", lines) == [backup]
    assert resting_on(backup, lines) == [upgrade]
    for state in (ItemState.DONE, ItemState.SKIPPED, ItemState.REFUSED):
        backup.state = state
        assert holding_back("upgrade", lines) == []
    upgrade.state = ItemState.OPEN
    assert resting_on(backup, lines) == []


@pytest.mark.parametrize("typed", ["gcc 2.96", "2.96-112.7", "GCC 3.0", "3.0.4", "gcc version 3.0.1 (x)"])
def test_known_bad_compilers_are_refused(typed: str) -> None:
    """Whatever stands around the version."""
    evidence = Evidence("version", "Which?", refuse=("2.96", "3.0"), refusal="Not that one.")
    with pytest.raises(BadTextError, match="Not that one"):
        evidence.check([typed], 0)


@pytest.mark.parametrize("typed", ["gcc 13.0", "3.4.6", "2.95.3", "12.2.0", "clang 13.0.1", "12.96"])
def test_good_compilers_are_taken(typed: str) -> None:
    """Numbers that only end like a bad one are no bad one."""
    evidence = Evidence("version", "Which?", refuse=("2.96", "3.0"))
    assert evidence.check([typed], 0) == typed


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (EvidenceKind.NUMBER, "12", "twelve"),
        (EvidenceKind.LINK, "https://example.com/a", "javascript:alert(1)"),
        (EvidenceKind.DATE, "2034-03-14", "tomorrow"),
        (EvidenceKind.TEXT, "/home/jane", "two\nlines"),
    ],
)
def test_evidence_is_checked_by_its_kind(kind: EvidenceKind, good: str, bad: str) -> None:
    """What is kept names the field; what is wrong is said at it."""
    declared = [Evidence("it", "What?", kind)]
    kept, problems = check_evidence(declared, {"it": [good]}, 0)
    assert kept == [{"name": "it", "label": "What?", "kind": kind, "value": good}]
    assert problems == {}
    assert check_evidence(declared, {"it": [bad]}, 0)[1].keys() == {"it"}
    assert check_evidence(declared, {}, 0)[1].keys() == {"it"}


def test_a_file_counts_as_evidence_when_it_is_there() -> None:
    """None is a sentence at the field; one is noted."""
    declared = [Evidence("shot", "A screenshot", EvidenceKind.FILE)]
    assert "shot" in check_evidence(declared, {}, 0)[1]
    assert check_evidence(declared, {}, 1)[0][0]["value"] == "1 file"


@given(st.builds(Evidence, st.text(), st.text(), st.sampled_from(EvidenceKind), st.booleans()))
def test_evidence_survives_its_row(evidence: Evidence) -> None:
    """What is declared is what is read again."""
    assert Evidence.of_row(as_row(evidence)) == evidence


@pytest.mark.parametrize(
    ("templates", "fault"),
    [
        ([Template("a", "A", "B", gates=("fly",))], "a: gates: There is no “fly”."),
        ([Template("a", "A", "B", services=("none",))], "a: services: There is no “none”."),
        ([Template("a", "A", "B", traits=("none",))], "a: traits: There is no “none”."),
        ([Template("a", "A", "B"), Template("a", "A", "B")], "a: name: “a” is there twice."),
        ([Template("a", "A", "B", gates=("a",))], "a: gates: There is no “a”."),
        (
            [Template("a", "A", "B", gates=("b",)), Template("b", "A", "B", gates=("a",))],
            "a: gates: These items",
        ),
        (
            [Template("a", "A", "B", gates=("b",), skippable=True), Template("b", "A", "B")],
            "a: skippable: Other",
        ),
        (
            [Template("a", "A", "B", evidence=(Evidence("x", "X"), Evidence("x", "Y")))],
            "a: evidence: “x” is",
        ),
    ],
)
def test_a_bad_declaration_is_told(templates: list[Template], fault: str) -> None:
    """One sentence for each fault, with the item it is in."""
    faults = declaration_faults(templates, transitions={"close"}, services={"upgrade"}, traits={"zip"})
    assert any(each.said.startswith(fault) for each in faults), faults


def test_a_good_declaration_has_no_faults() -> None:
    """Moves and other items can be gated."""
    templates = [Template("a", "A", "B", gates=("b", "close")), Template("b", "A", "B")]
    assert declaration_faults(templates, transitions={"close"}, services=set(), traits=set()) == []
