"""What people type: kept in one form, or refused with a sentence."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paidsupport.kernel.text import LINE_LIMIT, TEXT_LIMIT, BadTextError, many_lines, one_line, shorten
from paidsupport.privacy.redaction import looks_like_credential

#: Everything a header, a log or a terminal could take for the end of a line.
LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@given(st.text())
@example("e\u0301")
def test_one_line_is_kept_harmless_or_refused(typed: str) -> None:
    """Whatever comes out is one normalised line without control characters, and stays as it is."""
    try:
        kept = one_line(typed)
    except BadTextError:
        return
    assert not set(kept) & set(LINE_ENDS + OVERRIDES)
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in kept)
    assert unicodedata.is_normalized("NFC", kept)
    assert len(kept) <= LINE_LIMIT
    assert kept.splitlines() in ([], [kept])
    assert one_line(kept) == kept
    kept.encode()


@given(st.text())
def test_many_lines_end_in_one_way_or_are_refused(typed: str) -> None:
    """Every kind of line end becomes one, and no other control character but the tab is kept."""
    try:
        kept = many_lines(typed)
    except BadTextError:
        return
    assert not {c for c in kept if unicodedata.category(c) in {"Cc", "Cs"}} - {"\n", "\t"}
    assert len(kept) <= TEXT_LIMIT
    assert kept == kept.rstrip()
    assert many_lines(kept) == kept
    kept.encode()


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_no_line_end_gets_into_a_line(end: str) -> None:
    """A second header cannot be smuggled in by any character that somebody takes for a line end."""
    with pytest.raises(BadTextError):
        one_line(f"Jane{end}Bcc: all@example.org")


@pytest.mark.parametrize("character", [*OVERRIDES, "\0", "\x1b", "\x7f", "\x9f", "\ud800"], ids=ascii)
def test_hidden_characters_are_refused_in_a_line(character: str) -> None:
    """Nothing that turns the text around, clears a screen, or cannot be encoded."""
    with pytest.raises(BadTextError, match="Take out"):
        one_line(f"pay{character}pal")


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x07", "\x1c", "\ud800"], ids=ascii)
def test_control_characters_are_refused_in_texts(character: str) -> None:
    """The same in texts of many lines."""
    with pytest.raises(BadTextError):
        many_lines(f"a{character}b")


def test_line_ends_of_every_system_mean_the_same() -> None:
    """Windows, old Macs and Unicode end lines differently; we keep one way."""
    assert many_lines("\n a\r\nb\rc\u2028d\x85e \n\n") == " a\nb\nc\nd\ne"


def test_too_much_is_refused_with_both_numbers() -> None:
    """The sentence says how long the text is and how long it may be."""
    assert one_line("x" * LINE_LIMIT) == "x" * LINE_LIMIT
    with pytest.raises(BadTextError, match=r"to 200 characters\. It has 201 now"):
        one_line("x" * (LINE_LIMIT + 1))
    with pytest.raises(BadTextError, match=r"to 20,000 characters\. It has 20,001 now"):
        many_lines("x" * (TEXT_LIMIT + 1))


def test_letters_that_come_in_pieces_count_once() -> None:
    """Some systems send an accent behind its letter: what is kept is what is counted."""
    assert many_lines("u\u0308" * TEXT_LIMIT) == "ü" * TEXT_LIMIT
    assert one_line("u\u0308" * LINE_LIMIT) == "ü" * LINE_LIMIT
    with pytest.raises(BadTextError, match=r"to 20,000 characters\. It has 20,001 now"):
        many_lines("u\u0308" * (TEXT_LIMIT + 1))


@pytest.mark.parametrize(
    "text",
    [
        "password: hunter2",
        "Passwort ist geheim",
        "my PWD=abc",
        "mot de passe : x",
        "contraseña:1",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_credentials_are_recognised(text: str) -> None:
    """What looks like a password or a private key has another place."""
    assert looks_like_credential(f"SSH to example.org, user jane, {text}")


@pytest.mark.parametrize("text", ["SSH, no root", "I forgot my password", "Password protected by Plesk", ""])
def test_talk_about_passwords_is_no_credential(text: str) -> None:
    """A customer may say that there is a password."""
    assert not looks_like_credential(text)


@given(st.text(min_size=1), st.integers(min_value=1, max_value=50))
def test_shortened_texts_fit(text: str, limit: int) -> None:
    """Never longer than asked for, and never two lines."""
    short = shorten(text, limit)
    assert len(short) <= limit
    assert "\n" not in short
