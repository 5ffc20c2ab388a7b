"""Confirmation codes as they are made, spoken and typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidsupport.kernel.codes import new_code, new_key, new_reference, tidy_code


@pytest.mark.parametrize("change", [str.lower, lambda code: code.replace("-", ""), lambda c: f" {c} \t"])
def test_a_code_is_understood_however_it_is_typed(change: object) -> None:
    """Small letters, missing hyphens and spaces do not matter."""
    assert callable(change)
    for _ in range(50):
        code = new_code()
        assert tidy_code(change(code)) == code


def test_spaces_inside_a_code_do_not_matter() -> None:
    """Somebody who reads it from paper writes it in groups."""
    assert tidy_code("ps 7k3f\u00a09qxm") == "PS-7K3F-9QXM"


@pytest.mark.parametrize(
    "typed", ["", "PS", "PS-7K3F", "PS-7K3F-9QXMM", "XX-7K3F-9QXM", "PS-AEIO-UUUU", "\0"]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    """Vowels, too few and too many characters."""
    assert tidy_code(typed) is None


@given(st.text())
def test_anything_may_be_typed(typed: str) -> None:
    """No text breaks it, and what comes out is a code."""
    code = tidy_code(typed)
    assert code is None or tidy_code(code) == code


def test_names_do_not_repeat() -> None:
    """A thousand of each, all different."""
    for make in (new_code, new_reference, new_key):
        assert len({make() for _ in range(1000)}) == 1000
