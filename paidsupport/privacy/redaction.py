"""Credentials in what people write: passwords, keys and tokens are recognised and masked (G15).

What compares texts with secrets that are known is in `comparison`, and can be had from here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from paidsupport.privacy.comparison import MASK, Hit, Secrets, excerpt, hits, places
from paidsupport.privacy.readings import TooCostlyError

__all__ = [
    "CUT",
    "MASK",
    "MOVED",
    "Hit",
    "Secrets",
    "Span",
    "TooCostlyError",
    "credentials_in",
    "excerpt",
    "hits",
    "looks_like_credential",
    "masked",
    "trimmed",
    "values_in",
    "without_credentials",
]

#: What stands in place of a credential that was taken out of a text, into the vault or for good.
MOVED, CUT = "[moved to the vault]", "[cut out]"
#: Shorter values are masked where they are told alone, not wherever else they stand.
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Span:
    """Where a credential stands in a text, from `start` to before `end`."""

    start: int
    end: int


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
#: What is masked already is passed over at once: a value may be as long as the rest of the text.
_VALUE = (
    rf"(?!{MASK}|{re.escape(MOVED)}|{re.escape(CUT)})"
    r"(?:\"(?P<a>[^\"\n]{1,200})\"|“(?P<b>[^”\n]{1,200})”|'(?P<c>[^'\n]{1,200})'|(?P<d>[^\s\"“]\S*+))"
)
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
        rf"\b(?P<a>{_SERVICES})",
    )
)
#: Where a key of PuTTY's begins and ends, and how long it may be.
_PUTTY, _PUTTY_END, _PUTTY_MOST = (
    re.compile(r"PuTTY-User-Key-File-\d:"),
    re.compile(r"Private-MAC: ?[0-9a-f]++"),
    9000,
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
    values = {trimmed(text[span.start : span.end]) for span in spans}
    if (repeated := places(text, [value for value in values if len(value) >= _SHORTEST])) is None:
        return by  # nothing readable is left of such a text
    spans += [Span(start, end) for start, end in repeated]
    parts, last = [], 0
    for span in _merged(spans):
        parts += [text[last : span.start], by]
        last = span.end
    return "".join([*parts, text[last:]])


def _credentials(text: str) -> Iterator[Span]:
    for shape in _SHAPES:
        yield from (_value(match) for match in shape.finditer(text))
    yield from _putty_keys(text)
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


def _putty_keys(text: str) -> Iterator[Span]:
    """Each from its first line to the last, or as far as one may reach if that is missing."""
    begins = [match.start() for match in _PUTTY.finditer(text)]
    ends = [match.end() for match in _PUTTY_END.finditer(text)] if begins else []
    last = 0
    for start in begins:
        if start >= last:
            at = bisect_right(ends, start)
            last = min(ends[at] if at < len(ends) else len(text), start + _PUTTY_MOST)
            yield Span(start, last)


def _merged(spans: list[Span]) -> list[Span]:
    """The same places, in order, none of them overlapping."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return merged
