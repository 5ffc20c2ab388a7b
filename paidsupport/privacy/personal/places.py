"""Where a person can be found: email addresses, hosts and pages, streets and towns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paidsupport.privacy.personal.text import Found, Kind, Known, WordLists, fold, host_of

_WORDS = WordLists("places")

_AT = re.compile(r"@(?:[\w-]{1,63}\.){1,8}[\w-]{1,62}[^\W_]")
_SPELLED_AT = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,250}+[ \t]{0,2}[\[({<][ \t]?(?:at|ät)[ \t]?[\])}>][ \t]{0,2}[\w-]{1,63}"
    r"(?:[ \t]{0,2}(?:\.|[\[({<][ \t]?(?:dot|punkt)[ \t]?[\])}>])[ \t]{0,2}[\w-]{1,63}){1,5}",
    re.IGNORECASE,
)
_SHELL = re.compile(
    r"\b(?:ssh|scp|sftp|rsync)[ \t]+(?:-\S{1,40}[ \t]+(?:\d{1,5}[ \t]+)?){0,4}"
    r"(?P<value>[\w.-]{1,64}@[\w.-]{1,250}[^\W_])"
)
_LOCAL = frozenset("!#$%&'*+-/=?^_`{|}~.")

_PAGE = re.compile(r"\b(?:[a-z][a-z0-9+.-]{1,20}://)[^\s<>\"“”\0]{1,2000}", re.IGNORECASE)
_TRAILING = ".,;:!?)]}»”’\"'*_"
_HOST = re.compile(
    r"(?<![\w@.-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?P<end>[^\W_][\w-]{1,23})(?![\w@-]"
    r"|\.\w)(?P<path>/[^\s<>\"“”\0]{0,2000}|:\d{2,5}(?:/[^\s<>\"“”\0]{0,2000})?)?"
)
_LONGEST_DOUBTFUL = 3
_HERE = frozenset(("localhost", "localhost.localdomain"))

_CAPITAL = "A-ZÀ-ÖØ-ÞŁŚŻŽČŠ"
_LETTER = r"[^\W\d_A-Z]"
_TOWN = (
    rf"[{_CAPITAL}]{_LETTER}{{1,30}}(?:[ -](?:(?:am|an der|ob der|bei|im|sur|de|la|les"
    rf"|upon)[ -])?[{_CAPITAL}]{_LETTER}{{1,30}}){{0,2}}"
)
_CODE = rf"(?:(?:[A-Z]{{1,2}}-)?\d{{4,5}}[ \t]{{1,2}}{_TOWN})"
_STREETS = tuple(
    re.compile(pattern)
    for pattern in (
        # a German street with its number, and the town behind it
        (
            rf"(?<![\w-])(?:[{_CAPITAL}]\w{{0,30}}+(?:-[^\W{_CAPITAL}]\w{{0,30}}+){{0,2}}[ -]){{0,3}}"
            rf"(?:[{_CAPITAL}]\w{{1,40}}?)?"
            r"(?:[Ss]tra(?:ß|ss)e|[Ss]tr\.|[Ww]eg|[Pp]latz|[Aa]llee|[Gg]asse|[Uu]fer|[Dd]amm|(?<=\w)ring)"
            rf"[ \t]{{0,2}}\d{{1,4}}[ \t]?[a-z]?(?!\w)(?:,?[ \t]{{0,2}}\n?[ \t]{{0,2}}{_CODE})?"
        ),
        (
            r"(?<!\w)(?:Am|An der|Im|In der|Auf der|Zum|Zur|Unter den|Alte[rs]?|Neue[rs]?) "
            rf"[{_CAPITAL}]{_LETTER}{{2,30}}[ \t]\d{{1,4}}[a-z]?(?!\w),?[ \t]{{0,2}}\n?[ \t]{{0,2}}{_CODE}"
        ),
        # a street in English, in French
        (
            rf"(?<![\w.])\d{{1,5}}[A-Za-z]?,?[ \t](?:[{_CAPITAL}][\w'.-]{{1,30}}[ \t]){{1,3}}"
            r"(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Drive|Boulevard|Blvd\.?|Square|Crescent"
            rf"|Terrace|Court|Highway|Parkway)(?!\w)(?:,[ \t]{{0,2}}\n?{_TOWN})?"
        ),
        (
            r"(?<![\w.])\d{1,4}(?:[ \t]?(?:bis|ter))?,?[ \t]"
            r"(?:rue|avenue|boulevard|place|chemin|quai|impasse|route)[ \t]"
            rf"(?:(?:de|du|des|la|le|les|l')[ \t]?){{0,3}}[{_CAPITAL}]{_LETTER}{{1,30}}"
            rf"(?:[ -][{_CAPITAL}]{_LETTER}{{1,30}}){{0,2}}"
        ),
        # a town with its code: on a line of its own, or between commas, or with the country before it
        rf"(?m)(?:(?<=, )|^[ \t]*)(?P<value>{_CODE})(?=[ \t]*(?:,|\.?$))",
        rf"(?<![\w-])(?:D|DE|CH|A|AT|F|FR|NL|L|LU|B|BE|I|IT|E|ES|PL|CZ|DK|S|SE)-\d{{4,5}}[ \t]{{1,2}}{_TOWN}",
        r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]?[ \t]\d[ABD-HJLNP-UW-Z]{2}(?!\w)",
        rf"(?<!\w)\d{{4}}[ \t]?[A-Z]{{2}}[ \t]{{1,2}}[{_CAPITAL}][a-z]{{2,30}}(?!\w)",
        rf"(?<!\w){_TOWN},[ \t][A-Z]{{2}}[ \t]\d{{5}}(?:-\d{{4}})?(?!\w)",
        r"(?i)(?<!\w)(?:P\.?[ \t]?O\.?[ \t]?Box|Postfach|Case postale)[ \t]\d{1,6}(?:[ \t]\d\d){0,2}(?!\w)",
    )
)


def places(text: str, known: Known) -> Iterator[Found]:
    """All such places in a reading; some overlap."""
    public = tuple(host for typed in known.public_hosts if (host := host_of(typed)))
    theirs = tuple(host for typed in known.hosts if (host := host_of(typed)))
    yield from _boxes(text, public, theirs)
    yield from _pages(text, public, theirs)
    yield from _known_hosts(text, theirs)
    for pattern in _STREETS:
        for match in pattern.finditer(text):
            if not _WORDS["no_towns"] & set(re.findall(r"[^\W\d_]+", fold(match[0]))):
                yield Found(*match.span(match.lastgroup or 0), Kind.PLACE)


def _boxes(text: str, public: tuple[str, ...], theirs: tuple[str, ...]) -> Iterator[Found]:
    for match in _AT.finditer(text):
        start = match.start()
        while start and (text[start - 1].isalnum() or text[start - 1] in _LOCAL):
            start -= 1
        start += len(text[start : match.start()]) - len(text[start : match.start()].lstrip("'./*_=-"))
        host = match[0][1:]
        if start == match.start() or host.rpartition(".")[2].isdecimal():
            continue  # a version, as in “htmx@4.0.1”
        if text[start : match.start()].casefold() in _WORDS["roles"] and _is_free(host, public, theirs):
            continue
        yield Found(start, match.end(), Kind.EMAIL)
    for match in _SPELLED_AT.finditer(text):
        yield Found(*match.span(), Kind.EMAIL)
    for match in _SHELL.finditer(text):
        if not _is_free(match["value"].partition("@")[2], public, theirs):
            yield Found(*match.span("value"), Kind.EMAIL)


def _pages(text: str, public: tuple[str, ...], theirs: tuple[str, ...]) -> Iterator[Found]:
    inside = []
    for match in _PAGE.finditer(text):
        whole = match[0].rstrip(_TRAILING)
        inside.append(match.span())
        host = host_of(whole)
        # a page on a public host may be named after a person
        if host and not _is_free(host, public, theirs):
            yield Found(match.start(), match.start() + len(whole), Kind.HOST)
    taken = iter([*inside, (len(text), len(text))])
    start, end = next(taken)
    for match in _HOST.finditer(text):
        while match.start() >= end and end < len(text):
            start, end = next(taken)
        if start <= match.start() < end or not _is_host(match):
            continue
        host = match[0].removesuffix(match["path"] or "")
        if not _is_free(host, public, theirs):
            yield Found(match.start(), match.start() + len(match[0].rstrip(_TRAILING)), Kind.HOST)


def _is_host(match: re.Match[str]) -> bool:
    ending = match["end"]
    small = ending.casefold()
    if small not in _WORDS["endings"]:
        return False
    labels = match[0].removesuffix(match["path"] or "").split(".")[:-1]
    if small in _WORDS["doubtful"]:
        return ending == small and max(map(len, labels)) > _LONGEST_DOUBTFUL
    if small in _WORDS["programs"]:
        return bool(
            match["path"] or re.search(r"[\d-]|^(?:www|shop|mail|web)$", "\n".join(labels), re.MULTILINE)
        )
    return True


def _is_free(host: str, public: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether a host may be named: it is public or belongs to no person, and is not the customer's."""
    name = fold(host).partition(":")[0].rstrip(".").removeprefix("www.")
    if _is_below(name, theirs):
        return False
    return name in _HERE or name.startswith("127.") or name in {("0.0.0.0"), "::1"} or _is_below(name, public)  # noqa: S104 - said, not bound


def _is_below(name: str, hosts: tuple[str, ...]) -> bool:
    return any(name == host or name.endswith(f".{host}") for host in map(fold, hosts))


def _known_hosts(text: str, theirs: tuple[str, ...]) -> Iterator[Found]:
    """Hosts of the customer, also those without a dot."""
    for host in theirs:
        for match in re.finditer(
            rf"(?<![^\W_])(?:[\w-]{{1,63}}\.){{0,5}}{re.escape(host)}(?![^\W_])", text, re.IGNORECASE
        ):
            yield Found(*match.span(), Kind.HOST)
