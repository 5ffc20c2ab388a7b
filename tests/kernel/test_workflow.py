"""The declared rules: the self-check of any workflow, and the paid one word for word (G3, G4, G9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.actors import CLOCK, CUSTOMER, Actor, Role
from paidsupport.kernel.workflow import Guard, Holder, Part, State, Transition, Workflow
from paidsupport.tickets.paid import PAID
from paidsupport.workflows import SHIPPED

NEW = State("new", "New", "Nobody has looked at it.", Part.UNASSIGNED)
DONE = State("done", "Done", "It is over.", Part.CLOSED)
ANYBODY = frozenset({Role.DEVELOPER})
FINISH = Transition("finish", "Finish", ("new",), "done", ANYBODY)
SMALL = Workflow("small", "Small", "new", (NEW, DONE), (FINISH,))


@pytest.mark.parametrize("workflow", [SMALL, ISSUE, *SHIPPED.values()], ids=lambda workflow: workflow.name)
def test_a_sound_workflow_has_no_faults(workflow: Workflow) -> None:
    """What we ship passes the check that sites' own workflows must pass."""
    assert workflow.faults() == []


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (replace(SMALL, transitions=(FINISH, FINISH)), "finish is declared twice"),
        (replace(SMALL, states=(NEW, DONE, DONE)), "done is declared twice"),
        (replace(SMALL, transitions=(replace(FINISH, target="gone"),)), "unknown state gone"),
        (
            replace(SMALL, transitions=(FINISH, replace(FINISH, name="x", sources=("lost",)))),
            "unknown state lost",
        ),
        (replace(SMALL, initial="nowhere"), "unknown state nowhere"),
        (replace(SMALL, states=(NEW, DONE, replace(DONE, name="island"))), "no transition leads to island"),
        (
            replace(SMALL, transitions=(replace(FINISH, who=frozenset()),)),
            "no role may make the transition finish",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_of_a_declaration_is_found(broken: Workflow, fault: str) -> None:
    """A workflow that cannot work is told what is wrong with it before it is used."""
    assert fault in broken.faults()


@pytest.mark.row("G3", "G4")
def test_the_statuses_are_exactly_the_six_each_in_its_part_with_its_meaning() -> None:
    """Open | Pending, In progress | Closed, Abandoned, Invalid, as the guidelines say."""
    assert [(state.label, state.part) for state in PAID.states] == [
        ("Open", Part.UNASSIGNED),
        ("Pending", Part.PENDING),
        ("In progress", Part.PENDING),
        ("Closed", Part.CLOSED),
        ("Abandoned", Part.CLOSED),
        ("Invalid", Part.CLOSED),
    ]
    meanings = {state.label: state.meaning for state in PAID.states}
    assert "No developer has claimed" in meanings["Open"]
    assert "has not been agreed" in meanings["Pending"]
    assert "agreed" in meanings["In progress"]
    assert "has been completed" in meanings["Closed"]
    assert all(words in meanings["Abandoned"] for words in ("backed out", "server can't", "no reply"))
    assert all(words in meanings["Invalid"] for words in ("no payment", "spam", "duplicate"))


def test_the_moves_lead_where_the_table_says() -> None:
    """Name, from, to, and what becomes of the claim, for every move there is."""
    assert [
        (transition.name, transition.sources, transition.target, transition.holder)
        for transition in PAID.transitions
    ] == [
        ("claim", ("open",), "pending", Holder.TAKES),
        ("start", ("pending",), "in-progress", Holder.KEEPS),
        ("close", ("in-progress",), "closed", Holder.KEEPS),
        ("abandon", ("pending", "in-progress"), "abandoned", Holder.KEEPS),
        ("reject", ("open", "pending"), "invalid", Holder.KEEPS),
        ("withdraw", ("open", "pending"), "abandoned", Holder.KEEPS),
        ("release", ("pending", "in-progress"), "open", Holder.DROPS),
        ("hand-over", ("pending", "in-progress"), None, Holder.PASSES),
        ("reopen", ("closed", "abandoned", "invalid"), "open", Holder.DROPS),
    ]


@pytest.mark.row("G9")
def test_the_reasons_are_those_of_the_guidelines() -> None:
    """Abandoned and Invalid each say why, from a list of their own."""
    assert [reason.name for reason in PAID.transition("abandon").reasons] == [
        "backed-out",
        "incompatible-host",
        "no-response",
        "other",
    ]
    assert [reason.name for reason in PAID.transition("reject").reasons] == [
        "not-willing-to-pay",
        "nobody-wants-it",
        "spam",
        "duplicate",
        "other",
    ]


def test_a_fact_that_nobody_stated_does_not_hold() -> None:
    """Needs are missing until somebody says otherwise, and a form field may still provide some of them."""
    typed, told = Guard("typed", "Say it.", "Said.", field="note"), Guard("told", "Do it.", "Done.")
    transition = replace(FINISH, guards=(typed, told))
    assert transition.missing({}) == (typed, told)
    assert transition.missing({"typed": True, "told": False}) == (told,)
    assert transition.blocked({}) == (told,)
    assert transition.missing({"typed": True, "told": True}) == ()


def test_a_page_says_what_holds_as_a_fact_and_what_does_not_as_what_is_missing() -> None:
    """Nothing of what does not apply, nor of what the form still asks for."""
    typed, told = Guard("typed", "Say it.", "Said.", field="note"), Guard("told", "Do it.", "Done.")
    transition = replace(FINISH, guards=(typed, told))
    said = [["Done."], ["Do it."], [], ["Said."]]
    given: list[dict[str, bool | None]] = [{"told": True}, {"told": False}, {"told": None}]
    given.append({"typed": True, "told": None})
    assert [[each.sentence for each in transition.conditions(facts)] for facts in given] == said
    assert transition.missing({"typed": True, "told": None}) == ()


def test_every_need_of_a_form_field_is_asked_for_by_the_form_of_its_move() -> None:
    """No refusal can name a field that its form does not have."""
    wanted = [
        (transition, guard.field)
        for transition in PAID.transitions
        for guard in transition.guards
        if guard.field
    ]
    assert wanted
    assert all(transition.takes(field) for transition, field in wanted)


def test_roles_follow_from_who_holds_the_ticket() -> None:
    """Holding makes an owner, a manager may do what a developer may, and strangers nothing."""
    ada, mia = Actor("person", "Ada", 1, Role.DEVELOPER), Actor("person", "Mia", 2, Role.MANAGER)
    assert ada.roles(None) == {Role.DEVELOPER}
    assert ada.roles(1) == {Role.DEVELOPER, Role.OWNER}
    assert mia.roles(1) == {Role.DEVELOPER, Role.MANAGER}
    assert CUSTOMER.roles(None) == {Role.CUSTOMER}
    assert CLOCK.roles(None) == {Role.CLOCK}
    assert Actor("visitor", "a visitor").roles(None) == Actor("operator", "it", 1).roles(1) == frozenset()
    assert [transition.name for transition in PAID.transitions_for("pending", CLOCK.roles(1))] == ["release"]
    assert [each.name for each in PAID.transitions_for("pending", CUSTOMER.roles(1))] == ["withdraw"]
    assert PAID.transitions_for("in-progress", CUSTOMER.roles(1)) == ()


def test_unknown_names_are_key_errors() -> None:
    """There is no move and no state but those declared."""
    with pytest.raises(KeyError):
        PAID.transition("teleport")
    with pytest.raises(KeyError):
        PAID.state("limbo")


@pytest.mark.row("P15")
@pytest.mark.parametrize("flow", SHIPPED.values(), ids=SHIPPED)
def test_a_key_presses_one_button(flow: Workflow) -> None:
    """No two transitions of a workflow have the same, nor one of those that every ticket's page has."""
    keys = [key for key, _ in flow.keys]
    assert keys
    assert len({*keys, "w", "n", "l", "r"}) == len(keys) + 4
