"""The words that are looked for: the same for every database (P6)."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paidsupport.kernel.words import MOST_WORDS, fold, index_words, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Übersicht", "ubersicht"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ﬁle", "file"),
        ("María", "maria"),
        ("\uff37\uff49\uff44\uff45", "wide"),
        ("naïve", "naive"),
        ("İstanbul", "istanbul"),
    ],
)
def test_case_accents_and_ligatures_fold(text: str, folded: str) -> None:
    """Whoever types without accents finds what was written with them."""
    assert fold(text) == folded


def test_a_code_an_address_and_a_sentence_become_words() -> None:
    """Punctuation separates words, underscores too, and each word is there once."""
    assert index_words("PS-7K3F-9QXM", "jane_doe@example.org", "Jane, jane!") == [
        "ps",
        "7k3f",
        "9qxm",
        "jane",
        "doe",
        "example",
        "org",
    ]


@pytest.mark.parametrize("typed", ['"', "'", "* OR 1=1 --", "NEAR(a b)", "a:b & !c | (d)", "\\", "%_", "<->"])
def test_operators_of_the_databases_are_no_words(typed: str) -> None:
    """Only letters and digits get through."""
    assert all(word.isalnum() for word in words(typed))


@given(st.text())
@example("\U0001d4d0 \u1e9e\u0345 \u03d3")
def test_words_are_plain_whatever_was_typed(typed: str) -> None:
    """At most so many, letters and digits only, and folding them again changes nothing."""
    found = words(typed)
    assert len(found) <= MOST_WORDS
    assert all(word.isalnum() for word in found)
    assert index_words(" ".join(found)) == found
