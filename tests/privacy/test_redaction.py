"""Secrets are found in any dress, and credentials are masked in what people write (G15)."""

from __future__ import annotations

import base64
import html
import quopri
import random
import string
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from paidsupport.privacy.redaction import (
    MASK,
    MOVED,
    Secrets,
    TooCostlyError,
    credentials_in,
    excerpt,
    hits,
    looks_like_credential,
    masked,
    values_in,
    without_credentials,
)
from tests.privacy.letters_of_tone import BAD_ENGLISH, BAD_GERMAN, GOOD_ENGLISH, GOOD_GERMAN

pytestmark = pytest.mark.row("G15")


def in_base64(shift: int, secret: str) -> str:
    """The secret in Base64, at some place of a longer text."""
    return base64.b64encode(b"x" * shift + secret.encode() + b"tail").decode()


def halves(secret: str) -> list[int]:
    """The units of UTF-16."""
    content = secret.encode("utf-16-be")
    return [int.from_bytes(content[at : at + 2]) for at in range(0, len(content), 2)]


#: Everything that writes a secret in another way.
DRESSES: dict[str, Callable[[str], str]] = {
    "raw": lambda secret: secret,
    "address": quote,
    "address, every sign": lambda secret: quote(secret, safe=""),
    "form": quote_plus,
    "page": html.escape,
    "page, five signs by number": lambda secret: html.escape(secret).replace("&amp;", "&#38;"),
    "quoted-printable": lambda secret: quopri.encodestring(secret.encode()).decode(),
    "quoted-printable, cut": lambda secret: f"{secret[:2]}=\n{secret[2:]}" if "=" not in secret else secret,
    "wrapped": lambda secret: f"{secret[:3]}\n{secret[3:]}",
    "in a reply": lambda secret: f"{secret[:3]}\n> > {secret[3:]}",
    **{f"Base64 after {shift}": partial(in_base64, shift) for shift in range(4)},
    "Base64 for addresses": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    "Base64 twice": lambda secret: base64.b64encode(b"xy" + in_base64(2, secret).encode()).decode(),
    "Base64 of UTF-16": lambda secret: base64.b64encode(secret.encode("utf-16-le")).decode(),
    "Base64, every sign of it by number": lambda secret: "".join(
        f"%{ord(sign):02X}" for sign in in_base64(1, secret)
    ),
    "hex": lambda secret: secret.encode().hex(),
    "hex in capitals, spaced": lambda secret: secret.encode().hex(" ").upper(),
    "hex of UTF-16": lambda secret: secret.encode("utf-16-be").hex(),
    "bytes of a string": lambda secret: "".join(f"\\x{byte:02x}" for byte in secret.encode()),
    "list of bytes": lambda secret: ", ".join(f"0x{byte:02X}" for byte in secret.encode()),
    "JSON": lambda secret: "".join(f"\\u{half:04x}" for half in halves(secret)),
    "source": lambda secret: "".join(f"\\u{{{ord(sign):x}}}" for sign in secret),
    "page, every sign by number": lambda secret: "".join(f"&#{ord(sign)};" for sign in secret),
    "page, every sign in hex": lambda secret: "".join(f"&#x{ord(sign):X};" for sign in secret),
    "address, three times": lambda secret: quote(quote(quote(secret, safe=""), safe=""), safe=""),
    "address in a page": lambda secret: html.escape(quote(secret)),
    "address of Latin-1": lambda secret: quote(secret.encode("latin-1", "xmlcharrefreplace"), safe=""),
    "full width": lambda secret: "".join(
        chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in secret
    ),
    "mathematical letters": lambda secret: "".join(
        chr(0x1D41A + ord(sign) - ord("a")) if "a" <= sign <= "z" else sign for sign in secret
    ),
    "with what nobody sees": "\u200b\u0332\u00ad\u3164\ufe0f".join,
    "with thin spaces": "\u200a".join,
    "Base64 in lines": lambda secret: "\n> ".join(
        base64.encodebytes(b"x" * 47 + secret.encode()).decode().split("\n")
    ),
}
#: Letters and signs of passwords, spaces among them.
SIGNS = string.ascii_letters + string.digits + "!#$%&'()*+,-./:;<=?@[]^_{|}~ äßé漢🔑\"`\\"
SECRETS = st.text(SIGNS, min_size=4, max_size=40).map(str.strip).filter(lambda text: len(text) >= 4)
SURROUNDINGS = st.text(string.ascii_letters + " ,.\n", max_size=60)


@pytest.mark.parametrize("dress", DRESSES)
@given(secret=SECRETS, before=SURROUNDINGS, after=SURROUNDINGS)
def test_a_secret_is_found_in_every_dress(dress: str, secret: str, before: str, after: str) -> None:
    """Wherever it stands; and what is shown of the place does not tell it."""
    assume(secret[:3].strip() == secret[:3] and secret[3:].strip() == secret[3:])
    text = f"{before} {DRESSES[dress](secret)} {after}"
    found = hits(text, ["something else entirely", secret])
    assert [hit.which for hit in found] == [1]
    assert 0 <= found[0].start < found[0].end <= len(text)
    shown = excerpt(text, found[0], [secret])
    assert MASK in shown
    assert not hits(shown.replace(MASK, ""), [secret])
    assert "\n" not in shown


@given(
    text=st.text(SIGNS + "\n", max_size=300), secret=st.text(string.ascii_letters, min_size=8, max_size=30)
)
def test_nothing_is_found_where_nothing_is(text: str, secret: str) -> None:
    """Unless its letters stand there one after the other in some reading."""
    squeezed = "".join(text.split()).replace(">", "")
    assume(secret not in squeezed and "%" not in text and "&" not in text and "=" not in text)
    assert hits(text, [secret]) == []


@pytest.mark.parametrize(
    ("secret", "text", "found"),
    [
        ("abc", "it is abc.", True),
        ("abc", "abcdef", False),
        ("", "anything", False),
        (" ", "any thing", False),
        ("heat", "the attic", False),
        ("heat", "t\nhe\n> at", True),
        ("line one here\nline two here", "he said line two here", True),
        ("line one here\nline two here", "line one here line two here", True),
        ("short\nlines", "short", False),
        ("e\u0301tude-99", "étude-99", True),
        ("hunter2hunter2", "hunter2\u200bhunter2", True),
        ("hunter2 x", "ssh?p=hunter2+x", True),
    ],
)
def test_short_long_and_odd_secrets(secret: str, text: str, found: bool) -> None:  # noqa: FBT001
    """Short ones as words alone; spaces hide long ones only; lines of long ones count alone."""
    assert bool(hits(text, [secret])) is found


@pytest.mark.parametrize("secret", ["tulip-Field-9", "Tülpe-Öl-9", "тюльпан-9", "漢字🔑abc9"])
@pytest.mark.parametrize(
    "written",
    [
        *(
            partial(str.encode, encoding=name)
            for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
        ),
        lambda text: b"\0" + base64.b64encode(text.encode()),
        lambda text: b"\xff\0\x80" + text.encode() + b"\0\xfe",
        lambda text: b"\x89PNG\0" + text.encode("utf-16-le") + b"\xff",
        lambda text: text.encode().hex("-").encode("utf-16-le"),
        lambda text: text.encode("cp1252", "xmlcharrefreplace"),
        lambda text: "\u200b".join(text).encode("utf-16-be"),
    ],
)
def test_no_character_set_hides_it_in_a_file(secret: str, written: Callable[[str], bytes]) -> None:
    """Without a mark at the beginning, and among other bytes as well."""
    content = written(f"Log in:\n{secret}\nBye.")
    assert Secrets(["something else", secret]).are_given_away_by(content)
    assert not Secrets(["something else", f"{secret}8"]).are_given_away_by(content)


def test_nothing_is_found_by_chance() -> None:
    """In letters and documentation, however short the secret is: but for those that are plainly there."""
    chosen = random.Random(7)  # noqa: S311  # the same in every run
    signs = string.ascii_letters + string.digits
    secrets = ["".join(chosen.choices(signs, k=size)) for size in (4, 5, 6, 8, 12) for _ in range(300)]
    secrets += ["heat", "tulip", "root", "admin1", "qwertz", "12345678", "0815", "Gallery9", "s3cret"]
    texts = [path.read_text() for path in sorted(Path("docs").rglob("*.md"))]
    texts += [*GOOD_ENGLISH, *GOOD_GERMAN, *map(str, (*BAD_ENGLISH, *BAD_GERMAN))]
    compared = Secrets(secrets)
    for text in texts:
        assert [secrets[hit.which] for hit in compared.hits(text, 99) if secrets[hit.which] not in text] == []


@pytest.mark.parametrize(
    "text",
    ["%" + "25" * 40 + "41", "\\" * 20_000],
)
def test_what_is_encoded_without_end_is_refused(text: str) -> None:
    """Nobody knows what is in it, so it does not pass."""
    with pytest.raises(TooCostlyError, match="cannot be compared"):
        hits(text, ["tulip-Field-9"])


def test_too_many_secrets_are_refused() -> None:
    """A comparison that takes for ever is none."""
    with pytest.raises(TooCostlyError, match="more logins than"):
        Secrets([f"{number:09}" * 100 for number in range(5000)])


def test_a_secret_across_the_pieces_of_a_long_text_is_found() -> None:
    """Wherever long texts are cut to save memory, and only the line is told where it stands."""
    secret = "tulip-Field-9" * 100
    for at in (1_000_000 - 7, 1_099_990):
        text = f"{'a b ' * (at // 4)}\n{secret}{' c d' * 30_000}"
        (hit,) = hits(text, [secret])
        assert hit.line == 2
        assert text[hit.start : hit.end] == secret


def test_the_line_is_the_one_it_begins_in() -> None:
    """Counted from one."""
    (hit,) = hits("one\ntwo\nthree hunter2-x\nfour", ["hunter2-x"])
    assert hit.line == 3
    assert excerpt("one\ntwo\nthree hunter2-x\nfour", hit, ["hunter2-x"]) == f"three {MASK}"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("password: hunter2", ["hunter2"]),
        ("The password is hunter2.", ["hunter2"]),
        ("Passwort ist geheim", ["geheim"]),
        ("Das Kennwort lautet: Tulpe99", ["Tulpe99"]),
        ("Zugangsdaten: jane / Tulpe99", ["Tulpe99"]),
        ("mot de passe : tulipe", ["tulipe"]),
        ("Le mot de passe est tulipe99", ["tulipe99"]),
        ("contraseña:gato", ["gato"]),
        ("La clave es gato99", ["gato99"]),
        ("pw = x", ["x"]),
        ("PWD=abc", ["abc"]),
        ('pass: "two words"', ["two words"]),
        ("**Password:** hunter2", ["hunter2"]),
        ('"password": "hunter2"', ["hunter2"]),
        ("DB_PASSWORD=hunter2", ["hunter2"]),
        ("password for the ftp: hunter2", ["hunter2"]),
        ("Password (root): hunter2", ["hunter2"]),
        ("Password:\n  hunter2", ["hunter2"]),
        ("password -> hunter2", ["hunter2"]),
        ("user/pass: jane/hunter2", ["hunter2"]),
        ("login and password: jane hunter2", ["hunter2"]),
        ("FTP: jane | hunter2", ["hunter2"]),
        ("ftp://jane:hunter2@example.org/", ["hunter2"]),
        ("use ghp_abcdefghijklmnopqrstuvwxyz0123", ["ghp_abcdefghijklmnopqrstuvwxyz0123"]),
        ("key AKIAIOSFODNN7EXAMPLE", ["AKIAIOSFODNN7EXAMPLE"]),
        ("glpat-abcdefghijklmnopqrst", ["glpat-abcdefghijklmnopqrst"]),
        ("Username: jane\nPassword: hunter2\nHost: x", ["hunter2"]),
        ("password: a1\npassword: b2", ["a1", "b2"]),
    ],
)
def test_credentials_are_recognised_in_what_people_write(text: str, values: list[str]) -> None:
    """In several languages, and in the forms that programs write."""
    assert values_in(text) == values
    assert looks_like_credential(text)
    for value in values:
        assert value not in masked(text).split()
        assert value not in masked(text) or len(value) < 4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SSH, no root",
        "I forgot my password",
        "The password is not working",
        "My password: see below",
        "Password protected by Plesk",
        "Das Passwort ist falsch",
        "Le mot de passe est incorrecte",
        "compass: north, bypass = true",
        "https://example.com/a/b and jane@example.com",
        f"password: {MASK}",
        f"password: {MOVED}",
        "Login at 10:30 / 11:30",
    ],
)
def test_talk_about_passwords_is_none(text: str) -> None:
    """What is masked without need cannot be read any more."""
    assert credentials_in(text) == []
    assert masked(text) == text


@pytest.mark.parametrize("end", ["\n-----END OPENSSH PRIVATE KEY-----\nBye", ""])
def test_private_keys_are_masked_as_a_whole(end: str) -> None:
    """Also without their end."""
    text = f"Hello\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNza\nC1rZXk{end}"
    assert masked(text) == f"Hello\n{MASK}" + ("\nBye" if end else "")


def test_what_is_repeated_is_masked_everywhere() -> None:
    """Where somebody says it twice, and the second time without a word before it."""
    assert masked("password: hunter2\nSo hunter2 it is") == f"password: {MASK}\nSo {MASK} it is"
    assert without_credentials("pw: hunter2!", MOVED) == f"pw: {MOVED}"


@given(
    value=st.text(string.ascii_letters + string.digits + "!#$%&*+-./=?@^_~", min_size=6, max_size=30),
    before=SURROUNDINGS,
    after=SURROUNDINGS,
    word=st.sampled_from(["password:", "Passwort =", "mot de passe :", "pw:", "clave:", "API key:"]),
)
def test_a_masked_text_never_holds_it(value: str, before: str, after: str, word: str) -> None:
    """Whatever stands around it; and masking it once more changes nothing."""
    assume(any(letter.isdigit() for letter in value))
    text = f"{before} {word} {value} {after} {value}"
    assert value not in masked(text)
    assert masked(masked(text)) == masked(text)


@given(st.text(max_size=500))
def test_any_text_can_be_read(text: str) -> None:
    """Nothing raises, and spans are in order and inside."""
    spans = credentials_in(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    hits(text, ["abcd", "a b c d e f g h", "\n"])


@pytest.mark.parametrize(
    "piece",
    ["PuTTY-User-Key-File-2:", "password:••••••", "login: a / ", "pw: abcd1 ", "-----BEGIN PRIVATE KEY-----"],
)
def test_masking_takes_no_longer_than_its_text(piece: str) -> None:
    """A megabyte of what began as many searches as it has words takes a second or two, not an hour.

    Processor time is longer on a machine that is busy with other things.
    """
    text = piece * (1_000_000 // len(piece))
    began = time.process_time()
    masked(text)
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    "text",
    [
        "password" * 2500,
        "password (" * 2000,
        "user/password: " * 1300,
        "login: a / " * 1800,
        "a://b:" * 3000,
        "-----BEGIN PRIVATE KEY-----" * 700,
        "PuTTY-User-Key-File-2:" * 900,
        "password for a b c " * 1000,
        "eyJaaaaaaaa." * 1600,
        "A" * 20_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    """Not even one that was made to: twenty thousand characters take seconds of no processor."""
    began = time.process_time()
    masked(text)
    hits(text, ["correct horse battery staple"] * 20)
    assert time.process_time() - began < 2
