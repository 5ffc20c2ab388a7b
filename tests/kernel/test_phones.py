"""Phone numbers: tidy as typed, compared by their digits (T6)."""

from __future__ import annotations

import pytest

from paidsupport.kernel.codes import ALPHABET, PREFIX, new_code, spelled
from paidsupport.kernel.phones import all_digits, compared, is_same, tidy_phone
from paidsupport.kernel.text import BadTextError

pytestmark = pytest.mark.row("T6")


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [
        ("  +49 (0)30   123456 ", "+49 (0)30 123456"),
        ("030/123456-78 (office)", "030/123456-78 (office)"),
        ("", ""),
        ("٠٣٠ ١٢٣٤٥٦", "٠٣٠ ١٢٣٤٥٦"),
    ],
)
def test_a_number_is_kept_as_it_was_typed(typed: str, tidy: str) -> None:
    """With single spaces, and nothing else done to it."""
    assert tidy_phone(typed) == tidy


@pytest.mark.parametrize("typed", ["ask Bob", "12", "1\n23456", "1" * 61, "\x00030 123456", "½½½"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    """Without digits, on two lines, or endless."""
    with pytest.raises(BadTextError):
        tidy_phone(typed)


def test_numbers_are_compared_by_what_their_spellings_share() -> None:
    """Country, area, brackets, extensions and other scripts' digits make no difference."""
    same = (
        "+49 30 1234567",
        "0049 (0)30 1234567",
        "030/123 45 67",
        "Tel.: 030-1234567 ext. 12",
        "٠٣٠ ١٢٣٤٥٦٧",
    )
    assert {compared(typed) for typed in same} == {"01234567"}
    assert all(is_same(one, other) for one in same for other in same)
    # the same last digits, and another area
    assert compared("+44 200 1234567") == compared(same[0])
    assert not is_same("+44 200 1234567", same[0])
    assert compared("none") == compared("1") == ""
    assert not is_same("", "")
    assert all_digits("1 (" * 30) == "1" * 30


def test_every_sign_of_a_code_can_be_spelled() -> None:
    """Each with a word of its own."""
    code = f"{PREFIX}-7K3F-9QXM"
    assert spelled(code) == [
        ("PS", ["Papa", "Sierra"]),
        ("7K3F", ["seven", "Kilo", "three", "Foxtrot"]),
        ("9QXM", ["nine", "Quebec", "X-ray", "Mike"]),
    ]
    words = [word for _, group in spelled(f"{ALPHABET}-{PREFIX}-{new_code()}") for word in group]
    assert len(set(words)) == len(ALPHABET)
