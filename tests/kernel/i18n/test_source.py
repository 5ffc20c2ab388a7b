"""No sentence of the source is outside of a mark: what no page of the walk shows is found here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

from tests.patterns import ROOT

_MARKS = {"_", "gettext", "ngettext", "pgettext"}
#: What people are told by; errors are told by their classes.
_TELLERS = {
    *("flash", "refuse", "InputRequired", "DataRequired", "Length", "button", "managers_only"),
    *("Fault", "fault"),
}
#: Errors for whoever sets up or programs a desk: those are told in English.
_OF_PROGRAMS = {
    *(
        "ConfigurationError",
        "ValueError",
        "TypeError",
        "RuntimeError",
        "KeyError",
        "ForgedHintError",
        "ImportError",
        "LookupError",
    ),
    *("AssertionError", "NotImplementedError", "OSError", "ScopeMissingError", "UsageError", "MailboxError"),
}
#: Whom these tell are commands, programs, and who writes catalogues, rules and lines of JSON.
_COMMANDS = {
    "kernel/staff/operations.py",
    "kernel/staff/queries.py",
    "kernel/web/csrf.py",
    *("connect/api/models.py", "connect/api/problems.py", "connect/api/resources/_files.py"),
    "connect/importing/rules.py",
    "privacy/tones/__init__.py",
    *("kernel/ledger/check.py", "ops/doctor/invariants/ledger.py"),
}
#: The reference of the API is in English, as what it describes is.
_REFERENCE = "connect/api/templates/"
_SENTENCE = re.compile(r"[A-Za-z]{2,}[,:]? [a-z]{2,}")
_WORD = re.compile(r"[A-Za-z]{3,}")
_ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
#: Where a program says something to a template, not to a reader.
_CLASSES = re.compile(r"\{% block shape %\}[^{]*\{% endblock %\}")
_ATTRIBUTES = re.compile(r'\b(?:title|aria-label|placeholder|alt|data-ps-confirm)="([^"]*)"')
_NOT_SHOWN = re.compile(
    r"""<(style|script|code|kbd)\b.*?</\1>|<!--.*?-->|<[^<>]*>|[\w-]+="[^"]*"|&#?\w+;""", re.DOTALL
)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _said(node: ast.AST) -> Iterator[str]:
    """The sentences among what is given to a call, but those in marks."""
    if isinstance(node, ast.Call) and _name(node.func) in _MARKS:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values)
    else:
        for each in ast.iter_child_nodes(node):
            yield from _said(each)


def _unmarked(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        tells = name in _TELLERS or (name.endswith("Error") and name not in _OF_PROGRAMS)
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if tells:
            found = [text for each in given for text in _said(each) if _SENTENCE.search(text)]
        elif name in _MARKS:  # what is put together there is no message
            found = ["an f-string" for each in node.args if isinstance(each, ast.JoinedStr)]
        else:
            continue
        yield from (f"{path.relative_to(ROOT)}:{node.lineno}: {text}" for text in found)


@pytest.mark.row("P15")
def test_refusals_and_answers_can_be_translated() -> None:
    """Whatever an error, a field or a line after a deed says to a person is a message."""
    found = [
        said
        for path in sorted(ROOT.rglob("*.py"))
        if "demo" not in path.parts and path.name != "cli.py"
        if path.relative_to(ROOT).as_posix() not in _COMMANDS
        for said in _unmarked(path)
    ]
    assert not found, "\n".join(found)


def _outside(path: Path) -> Iterator[str]:
    """What a template says outside of its marks."""
    source = _CLASSES.sub("", path.read_text(encoding="utf-8"))
    text, marked, begins = [], False, False
    for _line, kind, value in _ENVIRONMENT.lex(source):
        if kind == "name" and begins and value in {"trans", "endtrans"}:
            marked = value == "trans"
        if kind == "data" and not marked:
            text.append(value)
        elif kind in {"variable_begin", "block_begin"}:
            text.append(" ")
        begins = kind == "block_begin" or (begins and kind == "whitespace")
    page = "".join(text)
    shown = [*_ATTRIBUTES.findall(page), *_NOT_SHOWN.sub("\n", page).split("\n")]
    yield from (" ".join(each.split()) for each in shown if _WORD.search(_ANYWHERE.sub("", each)))


_ANYWHERE = re.compile(r"https?://|Ctrl|Esc|MB|PDF|CSV|tickets/")


@pytest.mark.row("P15")
@pytest.mark.parametrize("end", ["html", "txt"])
def test_templates_say_nothing_outside_of_marks(end: str) -> None:
    """Pages and emails alike, also those that no test has ever drawn."""
    found = {
        path.relative_to(ROOT).as_posix(): said
        for path in sorted(ROOT.rglob(f"*.{end}"))
        if "demo" not in path.parts and (end == "html" or "emails" in path.parts)
        if not path.relative_to(ROOT).as_posix().startswith(_REFERENCE)
        if (said := list(_outside(path)))
    }
    assert not found, "\n".join(f"{path}: {said}" for path, said in found.items())
