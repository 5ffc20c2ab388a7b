"""A document as PDF, and what happens without the library that makes it."""

from __future__ import annotations

import importlib.util

import pytest

from paidsupport.kernel import pdf
from paidsupport.kernel.documents import blocks
from paidsupport.kernel.errors import NotFoundError

pytestmark = pytest.mark.row("G18")

HOSTILE = """#panic("run") $x^2$ *bold* _it_ @ref <label> = heading // comment \\ ` [ ] {

Żółć – Привет – λόγος
---------------------
- “one”
- #import "@preview/cetz:0.3.0"
"""


def test_any_text_becomes_a_document() -> None:
    """Nothing in it is read as markup, let alone run; every script is set."""
    made = pdf.render(pdf.Document("A #title *here*", "Ada", "foot", blocks(HOSTILE)))
    assert made.startswith(b"%PDF-")
    assert len(made) > 5000


def test_without_the_library_there_is_no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a page that is not there, and nothing breaks."""
    monkeypatch.setattr(pdf, "find_spec", lambda _name: None)
    assert not pdf.is_available()
    with pytest.raises(NotFoundError):
        pdf.render(pdf.Document("A", "B", "C", []))
    assert importlib.util.find_spec("typst") is not None
