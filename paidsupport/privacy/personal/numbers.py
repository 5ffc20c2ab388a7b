"""Numbers that lead to a person: telephone, bank account, card, network address, customer number."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from paidsupport.kernel import phones
from paidsupport.privacy.personal.text import Found, Kind, Known, WordLists

_WORDS = WordLists("numbers")

#: Digits of a telephone number, with the country or without.
_FEWEST, _MOST = 7, 15
#: Digits of one behind a word for it, which may be an extension.
_FEWEST_TOLD = 4
#: Numbers without any separator are telephone numbers from this length on, if they begin with a nought.
_FEWEST_BARE = 9
#: Different digits in a person's number.
_DISTINCT = 3

_DATE = (
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z| ?[+-]\d{2}:?\d{2})?)?"
    r"|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})"
)
#: What looks like a person's number but is not: moments, versions, decimals, sums, hexadecimals.
_NONE = re.compile(
    rf"(?<![\w.+/-])(?:{_DATE})(?![\d/]|[.-]\d)"
    r"|(?<![\w:])\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?(?![\w:])"
    r"|(?<![\w.])v?(?:0|[1-9]\d{0,3})(?:\.(?:0|[1-9]\d{0,2})){1,3}(?![\w]|\.\d)"
    r"|(?<![\w.,])\d{1,3}(?:[., ']\d{3})*[.,]\d{1,2}(?![\w.,]*\d)"
    r"|(?<![\w.,+(/-])[1-9]\d{0,2}(?: \d{3})+(?![\w/-]| ?\d)"
    r"|(?:[€$£¥]|\b(?:EUR|USD|CHF|GBP|KUDOS|Euro)) ?\d[\d.,' ]{0,20}\d"
    r"|(?<![\w+])\d[\d.,' ]{0,20}\d ?(?:[€$£¥%]|(?:EUR|USD|CHF|GBP|KUDOS|Euros?|euros?|bytes|B"
    r"|KB|MB|GB|ms)\b)"
)
_NUMBER = re.compile(
    r"(?<![\w.,:=/#-])(?<!\w[\s]\+)(?:\+|\()?\(?\d(?:[ \t]{0,2}[()./\-]{0,2}[ \t]{0,2}\d)*(?!\w)"
)
_TOLD = re.compile(
    r"(?:tel(?:ephone|efon|\.)?|phone|fon|fax|mobile?|mobil(?:nummer)?|mob\.?|cell|handy"
    r"(?:nummer)?|durchwahl|ext\.?"
    r"|extension|whats ?app|signal|call(?: me| us| him| her)?|ring me|reach(?:able)? (?:me|us|at|on|under)"
    r"|erreichbar unter|anrufen unter|telefonnummer|rufnummer|natel|t[eé]l[eé]phone|portable|rappel)"
    r"[ \t]{0,2}(?:-?(?:no\.?|nr\.?|number|nummer))?[ \t]{0,2}"
    r"(?:is|ist|lautet|at|on|under|unter|:|=|\.|is:|at:|au)?[ \t]{0,2}\Z",
    re.IGNORECASE,
)
_LOOKED_BACK = 40
_AMERICAN = re.compile(r"\(?[2-9]\d{2}\)?[-. ]{1,2}\d{3}[-. ]\d{4}")
_GROUPED = re.compile(r"\d{2,5}[ \t]?[/-][ \t]?\d{3,9}(?:[ -]\d{1,6}){0,3}")
_DIGIT_RUN = re.compile(r"\d(?:[\s()./+\-]{0,3}\d){5,24}")

#: Characters of an IBAN, by country.
_LENGTHS = {
    pair[:2]: int(pair[2:])
    for pair in [
        ("AD24"),
        "AE23",
        "AL28",
        "AT20",
        "AZ28",
        "BA20",
        "BE16",
        "BG22",
        "BH22",
        "BR29",
        "BY28",
        "CH21",
        "CR22",
        "CY28",
        "CZ24",
        "DE22",
        "DK18",
        "DO28",
        "EE20",
        "EG29",
        "ES24",
        "FI18",
        "FO18",
        "FR27",
        "GB22",
        "GE22",
        "GI23",
        "GL18",
        "GR27",
        "GT28",
        "HR21",
        "HU28",
        "IE22",
        "IL23",
        "IQ23",
        "IS26",
        "IT27",
        "JO30",
        "KW30",
        "KZ20",
        "LB28",
        "LC32",
        "LI21",
        "LT20",
        "LU20",
        "LV21",
        "LY25",
        "MC27",
        "MD24",
        "ME22",
        "MK19",
        "MR27",
        "MT31",
        "MU30",
        "NL18",
        "NO15",
        "PK24",
        "PL28",
        "PS29",
        "PT25",
        "QA29",
        "RO24",
        "RS22",
        "SA24",
        "SC31",
        "SE24",
        "SI19",
        "SK24",
        "SM27",
        "ST25",
        "SV28",
        "TL23",
        "TN24",
        "TR26",
        "UA29",
        "VA22",
        "VG24",
        "XK20",
    ]
}
_IBAN = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d{2}(?:[ \t-]?[A-Za-z0-9]){11,30}")
_IBAN_TOLD = re.compile(
    r"\bIBAN[\s:=.-]{0,5}(?:is |ist |lautet )?([A-Z]{2}\d{2}(?:[ \t-]?[A-Z0-9]{1,4}){3,9})\b", re.IGNORECASE
)
_CARD = re.compile(r"(?<![\w.-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![\w]|[-.]\d)")

_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{2,39}(?:\.\d{1,3}){0,3}(?:%\w{1,15})?(?:/\d{1,3})?(?![\w:])")
_MAC = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}(?![\w:-])")
_A_VERSION = re.compile(r"(?:\bv|version|release|ver\.?)[ \t]?\Z", re.IGNORECASE)

_WORDS_FOR_NUMBER = (
    r"(?:customer|client|member(?:ship)?|account|contract|merchant|user|passport|id[ -]?card|tax|vat|invoice"
    r"|kunden?|konto|mitglieds?|vertrags?|benutzer|ausweis|steuer|rechnungs?|mandanten|depot)"
    r"[ \t-]?(?:no\.?|nr\.?|number|num\.?|nummer|id|#|kennung)"
)
_WORDS_FOR_NAME = (
    r"(?:user|login|account|log-in)[ -]?name|user[ -]?id|benutzer(?:name|kennung)|anmeldename"
    r"|kontoname|nutzername"
    r"|nom d'utilisateur|identifiant"
)
_VAGUE = r"account|acct\.?|user|login|log-in|konto|benutzer|kunde|customer|nutzer|username|instance|merchant"
_IS = r"[ \t]{0,3}(?:[:=#]|\bis\b:?|\bist\b:?|\blautet\b:?|\bwas\b|\bwar\b)[ \t]{0,3}"
_QUOTE = r"[\"“„'«]"
_VALUE = r"(?P<value>[^\W_][\w.+@-]{0,63}(?<![.+@-]))"
_ACCOUNTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w]){_WORDS_FOR_NUMBER}(?:{_IS}|[ \t]{{1,3}}){_QUOTE}?(?=[\w./-]*\d){_VALUE}",
        rf"(?<![\w])(?:{_WORDS_FOR_NAME}){_IS}{_QUOTE}?{_VALUE}",
        rf"(?<![\w-])(?:{_VAGUE}){_IS}{_VALUE}(?=[ \t]*(?:[,;.)]|\n|\Z))",
        rf"(?<![\w-])(?:{_VAGUE})(?:{_IS}|[ \t]{{1,3}}){_QUOTE}{_VALUE}",
        rf"(?<![\w-])(?:{_VAGUE})(?:{_IS}|[ \t]{{1,3}})(?=[\w.+-]*[\d_])(?=\S{{3}}){_VALUE}",
    )
)
_BIRTH = re.compile(
    r"(?:born(?: on)?|date of birth|d\.?o\.?b\.?|birthday|birth date|geboren(?: am)?|geb\."
    r"(?: am)?|geburts(?:datum|tag))"
    rf"[ \t]{{0,2}}(?:is|ist|:|=)?[ \t]{{0,2}}(?P<value>{_DATE}|\d{{1,2}}\.? [^\W\d]{{3,9}} \d{{4}})",
    re.IGNORECASE,
)


def numbers(text: str, known: Known) -> Iterator[Found]:
    """All such numbers in a reading; some overlap."""
    yield from _bank(text)
    yield from _network(text)
    yield from _accounts(text)
    for match in _BIRTH.finditer(text):
        yield Found(*match.span("value"), Kind.BIRTH)
    yield from _phones(text, known)


def is_iban(typed: str) -> bool:
    """Whether this is the number of a bank account somewhere, by its length and its check digits."""
    bare = re.sub(r"[\s-]", "", typed).upper()
    if _LENGTHS.get(bare[:2]) != len(bare):
        return False
    turned = bare[4:] + bare[:4]
    return (
        turned.isalnum()
        and turned.isascii()
        and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
    )


def is_card(typed: str) -> bool:
    """Whether the digits pass the check that card numbers pass."""
    digits = [int(sign) for sign in typed if sign.isdecimal()][::-1]
    doubled = [2 * digit - 9 * (digit > 4) for digit in digits[1::2]]  # noqa: PLR2004 - carries from five on
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _bank(text: str) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        length = _LENGTHS.get(match[0][:2].upper(), 0)
        end = _end_of(text, match.start(), length, match.end())
        if end and is_iban(text[match.start() : end]):
            yield Found(match.start(), end, Kind.IBAN)
    for match in _IBAN_TOLD.finditer(text):
        yield Found(*match.span(1), Kind.IBAN)
    for match in _CARD.finditer(text):
        if is_card(match[0]):
            yield Found(*match.span(), Kind.CARD)


def _end_of(text: str, start: int, length: int, most: int) -> int:
    """Where `length` letters and digits from `start` on end; nothing if there are not so many."""
    for place in range(start, most):
        length -= text[place].isalnum()
        if length == 0:
            return place + 1
    return 0


def _network(text: str) -> Iterator[Found]:
    for match in _IPV4.finditer(text):
        before = text[max(0, match.start() - 10) : match.start()]
        if _is_somewhere(match[0]) and not _A_VERSION.search(before):
            yield Found(*match.span(), Kind.IP)
    for match in _IPV6.finditer(text):
        # “Ab::Cd” is a name in a program
        if match[0].count(":") > 1 and re.search(r"\d", match[0]) and _is_somewhere(match[0].rstrip(".")):
            yield Found(*match.span(), Kind.IP)
    for match in _MAC.finditer(text):
        yield Found(*match.span(), Kind.IP)


def _is_somewhere(typed: str) -> bool:
    """Whether an address leads to a machine other than the one that it is said on."""
    try:
        address = ipaddress.ip_address(typed.partition("/")[0].partition("%")[0])
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or address.is_multicast)


def _accounts(text: str) -> Iterator[Found]:
    for pattern in _ACCOUNTS:
        for match in pattern.finditer(text):
            if match["value"].casefold() not in _WORDS["no_accounts"]:
                yield Found(*match.span("value"), Kind.ACCOUNT)


def _phones(text: str, known: Known) -> Iterator[Found]:
    clear = _NONE.sub(lambda match: "\0" * len(match[0]), text)
    for match in _NUMBER.finditer(clear):
        before = text[max(0, match.start() - _LOOKED_BACK) : match.start()]
        if _is_phone(match[0], told=bool(_TOLD.search(before))):
            yield Found(*match.span(), Kind.PHONE)
    ends = tuple(filter(None, (phones.compared(typed) for typed in known.phones)))
    if ends:
        for match in _DIGIT_RUN.finditer(text):
            yield from _ending(text, match, ends)


def _ending(text: str, match: re.Match[str], ends: tuple[str, ...]) -> Iterator[Found]:
    """A number of theirs inside a run of digits, however it is written and whatever stands around it."""
    places = [place for place in range(*match.span()) if text[place].isdecimal()]
    digits = "".join(text[place] for place in places)
    for end in ends:
        at = digits.find(end)
        if at >= 0:
            # the country and the area before it belong to it
            yield Found(places[0], places[at + len(end) - 1] + 1, Kind.PHONE)


def _is_phone(typed: str, *, told: bool) -> bool:
    digits = [sign for sign in typed if sign.isdecimal()]
    if len(digits) > _MOST:
        return False
    if told:
        return len(digits) >= _FEWEST_TOLD
    if len(digits) < _FEWEST or len(set(digits)) < _DISTINCT:
        return False
    begins = typed.lstrip("(")
    if begins.startswith(("+", "00")):
        return True
    separated = len(typed) > len(digits)
    if begins.startswith("0"):
        return separated or len(digits) >= _FEWEST_BARE
    return bool(_AMERICAN.fullmatch(typed) or (_GROUPED.fullmatch(typed) and not typed.startswith("20")))
