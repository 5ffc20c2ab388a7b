"""A plain text as headings, lists and paragraphs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.kernel.documents import Block, BlockKind, blocks

pytestmark = pytest.mark.row("G18")

TEXT = """Hello Jane,

this is what I did.

What was done
-------------
- One thing
  Where: here
- Another

Words right below a heading
===========================
and a paragraph
of two lines.
* and
* a list"""


def test_a_text_is_taken_apart() -> None:
    """Headings are underlined, items begin with a dash, their further lines go with them."""
    assert blocks(TEXT) == [
        Block(BlockKind.PARAGRAPH, ("Hello Jane,",)),
        Block(BlockKind.PARAGRAPH, ("this is what I did.",)),
        Block(BlockKind.HEADING, ("What was done",)),
        Block(BlockKind.LIST, ("One thing\nWhere: here", "Another")),
        Block(BlockKind.HEADING, ("Words right below a heading",)),
        Block(BlockKind.PARAGRAPH, ("and a paragraph\nof two lines.",)),
        Block(BlockKind.LIST, ("and", "a list")),
    ]


@given(st.text(st.sampled_from("ab \n-*=•\t")))
def test_no_word_is_lost_whatever_is_written(text: str) -> None:
    """Every letter of the text stands in a block, in its order."""
    emails = "".join(c for c in text if c in "ab")
    assert "".join(c for block in blocks(text) for part in block.texts for c in part if c in "ab") == emails
