"""Finding what must not be said: secrets in any dress, and credentials in what people write (G15).

A secret is found as it is, cut in pieces by line ends and quote marks, and behind the encodings of mails
and web addresses. Nothing here knows where secrets come from.
"""

from __future__ import annotations

import base64
import html
import re
import string
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice
from urllib.parse import unquote_to_bytes

#: What stands in place of a secret.
MASK = "••••••"
#: What stands in place of a credential that was taken out of a text, into the vault or for good.
MOVED, CUT = "[moved to the vault]", "[cut out]"
#: Shorter secrets are looked for as whole words only: they are part of too many others.
_SHORTEST = 4
#: From this length on white space anywhere inside a secret does not hide it, and a line of one counts alone.
_LONG = 8
#: Fewer characters of Base64 than this are found in many words by chance.
_BASE64_CORE = 4
#: Characters of a line that an excerpt shows on either side of what it masks.
_AROUND = 24


@dataclass(frozen=True, slots=True)
class Hit:
    """The first place in a text that gives a secret away: which secret, from where to where, what line."""

    which: int
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class Span:
    """Where a credential stands in a text, from `start` to before `end`."""

    start: int
    end: int


def hits(text: str, secrets: Sequence[str]) -> list[Hit]:
    """The first place of each of `secrets` that `text` gives away, in whatever dress, in their order."""
    text = unicodedata.normalize("NFC", text)
    read = _Read(text)
    found = []
    for which, secret in enumerate(secrets):
        for way, needle in _needles(unicodedata.normalize("NFC", secret).strip()):
            if needle in getattr(read, way):
                found.append(_located(text, which, way, needle))
                break
        else:
            if word := _whole_word(secret.strip(), text):
                found.append(Hit(which, *word.span(), _line_of(text, word.start())))
    return found


def excerpt(text: str, hit: Hit, secrets: Sequence[str]) -> str:
    """The surroundings of a hit, to show where it is, without the secret or any other one."""
    text = unicodedata.normalize("NFC", text)
    before = text[max(0, hit.start - _AROUND) : hit.start].rpartition("\n")[2]
    after = text[hit.end : hit.end + _AROUND].partition("\n")[0]
    shown = f"{before}{MASK}{after}".strip()
    return MASK if hits(shown, secrets) or hits(f"{before}{after}", secrets) else shown


class _Read:
    """One text, read in every way in which it can give something away; each is made when it is asked for."""

    def __init__(self, text: str) -> None:
        self.plain = text

    @cached_property
    def joined(self) -> str:
        """Without line ends and the quote marks after them."""
        if "\n" not in self.plain:
            return self.plain
        return "".join([line.strip(" \t\r").lstrip("> \t") for line in self.plain.split("\n")])

    @cached_property
    def url(self) -> str:
        """As web addresses are read; empty if that makes no difference, as all below."""
        return _unquoted(self.joined) if "%" in self.joined else ""

    @cached_property
    def html(self) -> str:
        """As web pages are read."""
        return html.unescape(self.joined) if "&" in self.joined else ""

    @cached_property
    def quoted(self) -> str:
        """As quoted-printable is read: soft line ends away, then its numbers."""
        text = self.plain.replace("\r\n", "\n").replace("=\n> ", "").replace("=\n", "")
        # the numbers are written as in addresses, but for the sign
        return _unquoted(text.replace("%", "%25").replace("=", "%")) if "=" in self.plain else ""

    @cached_property
    def squeezed(self) -> str:
        """Without white space and quote marks."""
        return _squeezed(self.plain)

    @cached_property
    def url_squeezed(self) -> str:
        """As `url`, and then without white space."""
        return _squeezed(self.url)

    @cached_property
    def form_squeezed(self) -> str:
        """As forms of web pages write spaces, and then without them."""
        return _squeezed(_unquoted(self.joined.replace("+", " "))) if "+" in self.joined else ""

    @cached_property
    def html_squeezed(self) -> str:
        """As `html`, and then without white space."""
        return _squeezed(self.html)

    @cached_property
    def quoted_squeezed(self) -> str:
        """As `quoted`, and then without white space."""
        return _squeezed(self.quoted)

    @cached_property
    def base64(self) -> str:
        """Without white space, and in one of the two alphabets of Base64."""
        return self.squeezed.replace("-", "+").replace("_", "/")


#: How a text is read for secrets of some length, and for short ones: spaces may not hide those, or “heat”
#: would be in “the attic”.
_SQUEEZED = ("squeezed", "url_squeezed", "html_squeezed", "quoted_squeezed")
_JOINED = ("plain", "joined", "url", "html", "quoted")
#: White space that bytes do not tell, and characters without any width.
_RARE_SPACES = "\xa0\xad\u2002\u2003\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u2060\u3000\ufeff"


_BASE64_LETTERS = string.ascii_letters + string.digits + "+/-_="


def _needles(secret: str) -> Iterator[tuple[str, str]]:
    """Each way in which a text can give `secret` away: how to read it, and what to look for in that."""
    if len(secret) < _SHORTEST:
        return
    lines = [line for line in map(str.strip, secret.splitlines()) if len(line) >= _LONG and line != secret]
    for piece in (secret, *lines):
        squeezed = _squeezed(piece)
        if len(squeezed) >= _LONG:
            yield from ((way, squeezed) for way in _SQUEEZED)
        else:
            yield from ((way, piece) for way in _JOINED)
        if " " in piece and squeezed:
            yield "form_squeezed", squeezed
        yield from (("base64", core) for core in _base64_cores(piece.encode("utf-8", "replace")))


def _unquoted(text: str) -> str:
    # the library's own way to characters looks at each of them once more
    return unquote_to_bytes(text.encode("utf-8", "replace")).decode("utf-8", "replace")


def _squeezed(text: str) -> str:
    # by way of bytes: five times as quick as any way through characters
    squeezed = text.encode("utf-8", "surrogatepass").translate(None, b" \t\n\r\v\f>")
    text = squeezed.decode("utf-8", "surrogatepass")
    if not text.isascii():
        for space in _RARE_SPACES:
            text = text.replace(space, "")
    return text


def _base64_cores(content: bytes) -> Iterator[str]:
    """The middle of `content` in Base64, which is the same whatever stands around it, for each alignment."""
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + content).decode()
        core = whole[-(-shift * 8 // 6) : (shift + len(content)) * 8 // 6]
        if len(core) >= _BASE64_CORE:
            yield core


def _whole_word(secret: str, text: str) -> re.Match[str] | None:
    if not secret or len(secret) >= _SHORTEST:
        return None
    return re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text)


def _located(text: str, which: int, way: str, needle: str) -> Hit:
    """The shortest stretch of `text` that still gives the needle away when read like this.

    Readings do not say where a character came from. Only the few texts that are held back pay for this.
    """

    def gives_away(start: int, end: int) -> bool:
        return needle in getattr(_Read(text[start:end]), way)

    end = bisect_left(range(len(text)), x=True, key=lambda at: gives_away(0, at))
    start = max(bisect_left(range(end), x=True, key=lambda at: not gives_away(at, end)) - 1, 0)
    if way == "base64":
        # what stands beside the core belongs to the secret, too
        start = len(text[:start].rstrip(_BASE64_LETTERS))
        end = len(text) - len(text[end:].lstrip(_BASE64_LETTERS))
    return Hit(which, start, end, _line_of(text, start))


def _line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


#: Words that a password stands behind, and words for an account, in the languages customers write to us.
_WORDS_FOR_IT = (
    r"pass[ -]?(?:word|wort|phrase|code|wd)|pass|pwd?|kennwort|geheimwort|secret|token|senha"
    r"|(?:api|access|license)[ -]?key|mot de passe|mdp|code d['’]acc[eè]s|contrase[ñn]a|clave|contrasinal"
)
_ACCOUNT = (
    r"user(?:[ -]?name)?|log-?in|account|benutzer(?:name)?|zugang(?:sdaten)?|anmeldung|utilisateur"
    r"|identifiants?|usuario|cuenta|ftp|ssh|credentials|acc[eè]s|acceso"
)
#: What follows “the password is …” when no password follows.
_NO_PASSWORDS = frozenset(
    re.findall(
        r"\S+",
        """a an as at below above by for from here in it its my no none not on only our please see set
        still that the this to too unknown wrong your ok okay correct invalid incorrect expired
        lost missing needed protected required changed different forgotten same stored safe n/a
        - … nicht kein keine falsch richtig noch unbekannt siehe hier unten oben der die das
        ein eine mein meine ungültig abgelaufen vergessen pas plus le la les un une mon votre
        incorrecte oublié perdu voir ici dessous el los las mi su una incorrecta olvidada
        perdida ver aquí abajo""",
    )
)
_VALUE = r"(?:\"(?P<a>[^\"\n]{1,200})\"|“(?P<b>[^”\n]{1,200})”|'(?P<c>[^'\n]{1,200})'|(?P<d>[^\s\"“]\S*))"
_NEXT = r"[*_]{0,2}[ \t]{0,20}\n?[ \t]{0,20}"
_LINKS = "for|of|to|für|zum|zur|zu|vom|von|de|du|pour|para|del"
_FOR = rf"(?:[ \t]{{1,3}}(?:{_LINKS})(?:[ \t]{{1,3}}[^\s:=]{{1,40}}){{1,3}})?"
_GAP = r"[ \t]{0,3}"
_NAME = r"[^\s/|,:]{1,100}"
#: Where one of those words begins.
_WORD = re.compile(rf"(?<![^\W_])(?:(?P<account>{_ACCOUNT})|{_WORDS_FOR_IT})", re.IGNORECASE)
#: Behind a word for an account, both at once: as in “user/password: jane/…”, and as in “login: jane / …”.
_BOTH = tuple(
    re.compile(rf"(?:{_ACCOUNT}){_GAP}{pattern}{_GAP}{_VALUE}", re.IGNORECASE)
    for pattern in (
        rf"(?:[/|&+,]|and|und|et|y){_GAP}(?:{_WORDS_FOR_IT}){_GAP}[:=]{_NEXT}{_NAME}{_GAP}[/|,: \t]",
        rf"[:=]{_NEXT}{_NAME}[ \t]{{1,3}}[/|][ \t]",
    )
)
#: Behind a word for a password: a colon or its like, or “is”.
_ALONE = tuple(
    re.compile(rf"(?:{_WORDS_FOR_IT}){_FOR}{pattern}{_NEXT}{_VALUE}", re.IGNORECASE)
    for pattern in (
        rf"(?:{_GAP}\([^()\n]{{1,40}}\))?[\"'*_]{{0,3}}{_GAP}(?:[:=]|->|→|=>)",
        rf"[ \t]{{1,3}}(?:is|was|ist|lautet|war|est|es|sera)\b{_GAP}:?",
    )
)
_BEGIN = r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
_END = _BEGIN.replace("BEGIN", "END")
_SERVICES = (
    r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|A(?:KIA|SIA)[0-9A-Z]{16}|npm_[A-Za-z0-9]{30,}"
    r"|xox[abeprs]-[\w-]{10,}|[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|sk-[\w-]{20,}|AIza[\w-]{35}|pypi-[\w-]{40,}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}|paidsupport_[\w-]{30,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"
)
#: What is recognised by its shape: addresses with a password, private keys, tokens of well-known services.
_SHAPES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,100}:(?P<a>[^\s/@]{1,200})@",
        rf"(?P<a>{_BEGIN}(?:[^-]|-(?!----END)){{0,9000}}(?:{_END})?)",
        r"(?P<a>PuTTY-User-Key-File-\d:(?:.|\n){0,9000}?(?:Private-MAC: ?[0-9a-f]+|\Z))",
        rf"\b(?P<a>{_SERVICES})",
    )
)
_TRAILING = ".,;:!?)]}»”’\"'"


def credentials_in(text: str) -> list[Span]:
    """Where `text` seems to hold passwords, keys or tokens: the values alone, in their order."""
    return _merged(list(_credentials(text)))


def looks_like_credential(text: str) -> bool:
    """Whether `text` seems to hold a password or a private key."""
    return bool(credentials_in(text))


def values_in(text: str) -> list[str]:
    """What `credentials_in` finds, without the marks that end a sentence."""
    return list(dict.fromkeys(trimmed(text[span.start : span.end]) for span in _credentials(text)))


def trimmed(value: str) -> str:
    """`value` without the marks that end a sentence, unless it is nothing but such marks."""
    return value.rstrip(_TRAILING) or value


def masked(text: str) -> str:
    """`text` with everything that looks like a credential masked."""
    return without_credentials(text, MASK)


def without_credentials(text: str, by: str) -> str:
    """`text` with `by` in place of each credential, wherever else it is repeated."""
    spans = list(_credentials(text))
    if not spans:
        return text
    for value in values_in(text):
        if len(value) >= _SHORTEST:
            spans += [Span(at, at + len(value)) for at in _places(text, value)]
    parts, last = [], 0
    for span in _merged(spans):
        parts += [text[last : span.start], by]
        last = span.end
    return "".join([*parts, text[last:]])


def _credentials(text: str) -> Iterator[Span]:
    for shape in _SHAPES:
        yield from (_value(match) for match in shape.finditer(text))
    told = 0
    for word in _WORD.finditer(text):
        if word.start() < told:
            continue  # the second word of “user/password:”
        for pattern in _BOTH if word["account"] else _ALONE:
            match = pattern.match(text, word.start())
            if match and not _is_no_password(match):
                yield _value(match)
                told = _value(match).end
                break


def _value(match: re.Match[str]) -> Span:
    return Span(*match.span(match.lastgroup or 0))


def _is_no_password(match: re.Match[str]) -> bool:
    value = match[match.lastgroup or 0].rstrip(_TRAILING).casefold()
    in_its_place = match.string.startswith((MASK, MOVED, CUT), match.start(match.lastgroup or 0))
    return in_its_place or value in _NO_PASSWORDS


def _places(text: str, value: str) -> Iterator[int]:
    most = 1000
    at = -1
    for _ in islice(count(), most):
        at = text.find(value, at + 1)
        if at < 0:
            return
        yield at


def _merged(spans: list[Span]) -> list[Span]:
    """The same places, in order, none of them overlapping."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged
