"""Colleagues called by name in a note (P8)."""

from __future__ import annotations

import pytest

from paidsupport.kernel.staff.mentions import find

pytestmark = pytest.mark.row("P8")

PEOPLE = [
    (1, "Ada Byron"),
    (2, "Ben"),
    (3, "Ben Ito"),
    (4, "Mia Moß"),
    (5, "Jo Ek"),
    (6, "Jo Ås"),
    (7, "Anne-Marie"),
    (8, "C. (Cem)"),
]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@ada", [1]),
        ("Ask @Ada Byron, please.", [1]),
        ("(@ADA)", [1]),
        ("@Ada Smith is somebody else, but @Ada is not", [1, 1]),
        ("@Ben is the whole name of one, @ben  ito, and @Ben Ito of another", [2, 2, 3]),
        ("@Mia MOß", [4]),
        ("@jo could be two, @Jo Ås is one", [6]),
        ("@Anne-Marie!", [7]),
        ("@C. (Cem) and @C.", [8, 8]),
        ("@Adalbert @Ben2 @Anne", []),
        ("ada@example.org, x@ben, @ben.example, @ben@example.org, https://example.org/@ben", []),
        ("@@ben @", []),
        ("@Ben.", [2]),
        ("@\nBen", []),
    ],
)
def test_who_is_called(text: str, people: list[int]) -> None:
    """By first word or whole name, in any case; what is ambiguous, unknown or an address is text."""
    assert [mention.person_id for mention in find(text, PEOPLE)] == people


def test_a_mention_says_where_it_stands() -> None:
    """With its @ and without what follows."""
    (mention,) = find("So, @Ada Byron: yes.", PEOPLE)
    assert "So, @Ada Byron: yes."[mention.start : mention.end] == "@Ada Byron"


def test_nobody_to_call() -> None:
    """A desk without people, or with a nameless one."""
    assert find("@Ada", []) == find("@", [(1, " ")]) == []
