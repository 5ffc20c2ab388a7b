"""Title and text in other languages, as typed into a form or read from a file."""

from __future__ import annotations

import pytest

from paidsupport.kernel.db.typed_wording import merged, tidied
from paidsupport.kernel.fields import Fields


@pytest.mark.row("P15")
def test_typed_languages_are_merged_with_the_stored_ones() -> None:
    """What is emptied is removed, a language that is not named stays, and a missing text is an empty one."""
    typed = tidied(
        Fields(),
        {"de": {"title": " Tschüss ", "body": " "}, "fr": {"title": " "}},
        check=lambda _, text: text,
    )
    assert typed == {"de": {"title": "Tschüss"}, "fr": {}}
    stored = {"de": {"body": "Alt."}, "fr": {"title": "Au revoir"}, "it": {"title": "Ciao"}}
    assert merged(stored, typed) == {"de": {"title": "Tschüss"}, "it": {"title": "Ciao"}}


@pytest.mark.row("P15")
def test_what_is_refused_is_told_at_the_field_of_its_language() -> None:
    """Also by the check of the text, which is given the name of the field."""
    fields = Fields()

    def check(name: str, text: str) -> str:
        fields.refuse(f"{name}", f"not “{text}”")
        return text

    tidied(fields, {"de": {"title": "a" * 1000, "body": "Hm"}, "fr": {"body": "x" * 9}}, limit=8, check=check)
    assert set(fields.problems) == {"title_de", "body_de", "body_fr"}
    assert fields.problems["body_de"] == ["not “Hm”"]
    assert "not" not in fields.problems["body_fr"][0]
