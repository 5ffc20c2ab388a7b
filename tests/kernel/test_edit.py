"""Changes of records: once per form, never without a line of history, and through one door only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

import paidsupport
from paidsupport.issues.operations import history as issue_history
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.edit import UntoldChangeError
from paidsupport.kernel.errors import KeyReusedError
from paidsupport.tickets.operations import history
from paidsupport.tickets.tables import Event
from tests.people import Desk

PACKAGE = Path(paidsupport.__file__).parent
#: What runs as an effect of a transition, whose engine writes the columns that go with a line; and what
#: writes the lines and columns of many records at once.
EFFECTS = {
    ("sales/payments/operations/settling.py", "arrived"),
    ("tickets/checklist/operations/checklist.py", "_begun"),
    ("tickets/decisions/operations.py", "_take_back"),
    ("tickets/emails/operations.py", "withdraw"),
    ("tickets/vault/operations/credentials.py", "destroy_all"),
}
#: Who may write lines of histories without their record.
DOORS = {"kernel/history.py", "kernel/engine.py", "kernel/configuration/history.py"}
#: Views whose forms can be sent again without a key: the same text is kept once, an edition is compared, a
#: state is set, what was given up is tried again; an open page says again and again that it is open; events
#: of providers have names of their own.
KEYLESS = {
    "sales/payments/hint_views.py",
    *("tickets/views/live.py", "tickets/notices/views/preferences.py"),
    *("tickets/emails/views.py", "connect/webhooks/views.py"),
}


def test_a_form_is_carried_out_once(lite_desk: Desk) -> None:
    """A second time it says what came of the first; with other content it is refused."""
    code = lite_desk.order()
    for repeated in (False, True):
        with lite_desk.ctx(lite_desk.ada) as ctx:
            with history.edit(ctx, code, key="k", content=("try", 1)) as change:
                assert change.repeated is repeated
                if not repeated:
                    change.tell("annotated", {"kind": "first"}, agreed="By phone.")
                    change.tell("annotated", {"kind": "second"})
            assert change.record.agreed == "By phone."
    assert change.earlier == {"kind": "first"}
    assert change.earlier_id == change.record.id
    with pytest.raises(KeyReusedError), lite_desk.ctx(lite_desk.ada) as ctx:
        history.edit(ctx, code, key="k", content=("try", 2))
    assert lite_desk.happened(code).count("annotated") == 2
    assert lite_desk.broken() == {}


def test_a_key_is_kept_as_ever(lite_desk: Desk) -> None:
    """A form that is open while the desk is upgraded is known again when it is sent."""
    code = lite_desk.order()
    with lite_desk.ctx(lite_desk.ada) as ctx:
        with history.edit(ctx, code, key="k", content=("tag", code, "x")) as change:
            change.tell("annotated")
        wanted = select(Event.fingerprint).where(Event.key == fingerprint("person", ctx.by.id, code, "k"))
        assert ctx.session.scalar(wanted) == fingerprint("tag", code, "x")
        new = fingerprint("issue", "person", ctx.by.id, "", "k")
        assert issue_history.once(ctx, None, "k") == new


def test_an_operation_that_tells_nothing_fails(lite_desk: Desk) -> None:
    """Unless it says that there is nothing to tell; and one that is refused writes nothing."""
    code = lite_desk.order()
    before = lite_desk.happened(code)
    with pytest.raises(UntoldChangeError):
        attempt(lite_desk, code)
    with lite_desk.ctx(lite_desk.ada) as ctx, history.edit(ctx, code) as change:
        change.nothing_new()
    with pytest.raises(ZeroDivisionError):
        attempt(lite_desk, code, refused=True)
    assert lite_desk.happened(code) == before
    with lite_desk.ctx(lite_desk.ada) as ctx:
        assert ctx.session.scalar(select(func.count()).where(Event.fingerprint == fingerprint("try"))) == 0


def attempt(desk: Desk, code: str, *, refused: bool = False) -> None:
    """Tell nothing; or something, and be refused after that."""
    with (
        desk.ctx(desk.ada) as ctx,
        history.edit(ctx, code, key="k", content=("try",)) as change,
    ):
        if refused:
            change.tell("annotated")
            raise ZeroDivisionError


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function of the package, with the path of its module."""
    for path in sorted(PACKAGE.rglob("*.py")):
        module = str(path.relative_to(PACKAGE))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield module, node


def calls(function: ast.FunctionDef) -> Iterator[ast.Call]:
    """The calls in a function."""
    return (node for node in ast.walk(function) if isinstance(node, ast.Call))


def test_histories_are_written_through_edit() -> None:
    """Past it go the engine alone, and the effects that it runs."""
    past = {
        (module, function.name)
        for module, function in functions()
        for call in calls(function)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"append", "write_lines"}
        and ast.unparse(call.func.value).lower().endswith(("history", "tickets", "issues"))
    }
    assert {each for each in past if each[0] not in DOORS} == EFFECTS
    written = {module for module, function in functions() if _writes_lines(function)}
    assert written - DOORS == set()


def _writes_lines(function: ast.FunctionDef) -> bool:
    """Whether it makes a line of a history by hand."""
    for call in calls(function):
        name = ast.unparse(call.func)
        first = ast.unparse(call.args[0]) if call.args else ""
        if (
            name.rpartition(".")[2] == "next_line"
            or name in {"Event", "IssueEvent"}
            or (name.endswith("insert") and first in {"Event", "IssueEvent"})
        ):
            return True
    return False


def test_no_operation_forgets_the_key_of_its_form() -> None:
    """Each that takes one gives it to `edit`, or to an operation that does."""
    checked, forgotten = set(), set()
    for module, function in functions():
        takes = [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]
        if "key" not in takes or "ctx" not in takes or "operations" not in module:
            continue
        checked.add((module, function.name))
        given = [
            name.id
            for call in calls(function)
            for value in (*call.args, *(each.value for each in call.keywords))
            for name in ast.walk(value)
            if isinstance(name, ast.Name)
        ]
        if "key" not in given:
            forgotten.add((module, function.name))
    assert len(checked) > 50
    assert forgotten == set()


def test_every_form_hands_its_key_on() -> None:
    """A view that changes something reads the key of its form, unless what it does can be repeated."""
    posting = {module for module, function in functions() if _posts(function)} - {"demo/views.py"}
    # the draft of a letter has the key of its form
    texts = {module: (PACKAGE / module).read_text() for module in posting}
    keyless = {module for module, text in texts.items() if "key" not in text and ".draft()" not in text}
    assert keyless == KEYLESS


def _posts(function: ast.FunctionDef) -> bool:
    return any("'POST'" in ast.unparse(each) for each in function.decorator_list)
