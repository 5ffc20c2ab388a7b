"""Names of people and houses: those that are known, and those that letters begin and end with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from paidsupport.privacy.personal.text import Found, Kind, Known, Reading, WordLists, fold

_WORDS = WordLists("names")

_WORD = re.compile(r"[^\W\d_](?:[\w'-]*\w)?")
_INITIAL = re.compile(r"[^\W\d_]\.")
_TITLE = re.compile(
    r"(?<!\w)(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Herrn?|Frau|Monsieur|Madame|Mme|Señora?|Sra?)(?:\.|\b)"
    r"(?:[ \t]?(?:Dr|Prof|Dipl|Ing|med|jur|rer|nat)\.-?){0,4}[ \t]{1,2}"
)
_GREETING = re.compile(
    r"(?im)^[> \t]*(?:dear|hi|hello|hey|hallo|hoi|moin|servus|grüezi|salut|bonjour|hola"
    r"|liebe[rs]?|sehr geehrte[rs]?"
    r"|werte[rs]?|guten (?:tag|morgen|abend)|good (?:morning|afternoon|evening|day)|cher"
    r"|chère)[ \t]*,?[ \t]{1,2}"
)
_ENDING = re.compile(
    r"(?im)^[> \t]*(?:(?:with |mit )?(?:(?:best|kind|kindest|warm|warmest|many|with|very"
    r"|beste[nr]?|viele[nr]?|liebe[nr]?"
    r"|schöne[nr]?|freundliche[nr]?|herzliche[nr]?|sonnige[nr]?)[ \t])*"
    r"(?:regards|wishes|greetings|thanks|thank you(?: (?:very|so) much)?|thx|ty|grüße?n?|gruss"
    r"|grüsse?n?|dank)"
    r"(?:[ \t](?:in advance|again|im voraus|vorab|aus [^\W\d_]{2,20}|from [^\W\d_]{2,20}|and regards))?"
    r"|(?:yours|sincerely|faithfully|truly)(?:[ \t](?:sincerely|faithfully|truly|yours))?"
    r"|cheers|best|all the best"
    r"|mfg|lg|vg|bg|kr|br|hochachtungsvoll|danke(?: schön)?|ciao|tschüss|cordialement"
    r"|bien à vous|merci|saludos"
    r"|atentamente|take care|respectfully|signed|gez\.?)(?P<end>[ \t]*[,!.:-]{0,3}[ \t]*)"
    r"(?P<line>\n(?:[> \t]*\n){0,2}[> \t]*)?"
)
_TELLING = re.compile(
    r"(?i)(?<!\w)(?:my (?:full |first |last |sur)?name(?: is|'s|:)|mein (?:vor|nach)?name "
    r"(?:ist|lautet)|ich hei(?:ß|ss)e|i am called"
    r"|je m'appelle|mon nom est|me llamo|mi nombre es|call me|ask for|signed by|gezeichnet)[ \t]{1,2}"
)
_SAYING = re.compile(r"(?<!\w)(?:I am|I'm|[Hh]ier (?:ist|spricht)|[Ii]ch bin)[ \t]{1,2}")
_CALLING = re.compile(r"(?<!\w)[Tt]his is[ \t]{1,2}")
_LABEL = re.compile(
    r"(?im)^[> \t*-]*(?:(?:full |first |last |sur|vor|nach|contact |customer )?name|contact"
    r"(?: person)?|caller|ansprechpartner(?:in)?"
    r"|anrufer(?:in)?|inhaber(?:in)?|owner|holder|kontakt|reported by|gemeldet von)[ \t]?:[ \t]*"
)
_VERBS = r"(?:wrote|schrieb|écrit|escribió)\b"
_WROTE = re.compile(
    r"(?im)^[> \t]*(?:on|am|le|el)[ \t][^\n]{4,100}?(?:,|\d{4}|\d:\d\d)[ \t]+"
    rf"(?=\S[^\n]{{0,120}}{_VERBS}[ \t]*:?[ \t]*$)"
)
_IT_WROTE = re.compile(
    rf"(?im)^[> \t]*(?:on|am|le|el)[ \t][^\n]{{4,100}}?{_VERBS}[ \t]+(?=\S[^\n]{{0,120}}:[ \t]*$)"
)
_BEFORE_BOX = re.compile(
    r"(?<![^\W\d_])(?P<value>[^\W\d_][^\n<>@\[\]\"():,;|]{0,60}?)\"?[ \t]{0,2}(?=<[^<>@\s]{1,80}@)"
)
_POSTSCRIPT = re.compile(r"(?i)p\.?[ ]?s\b|--")
_BLANK_LINES = re.compile(r"(?:\n[> \t]*(?=\n))*\n?")
#: Only text by another person follows.
_ENDS_THERE = re.compile(r"\s*(?:\Z|>|[^\n]{0,200}:[ \t]*(?:\n|\Z))")
_DELIMITER = re.compile(r"--[ \t]?\n(?P<value>(?:[ \t]*\S[^\n]{0,90}(?:\n|\Z)){1,9})[\s\0]*\Z")

#: From this length on a part of a name is one in small letters too.
_SHORTEST_SMALL = 3
#: A box of this length says who it belongs to.
_SHORTEST_BOX = 4
_LONGEST_LINE = 60
_MOST_LINES = 9
_MOST_WORDS_OF_LINE = 6
_MOST_WORDS = 4


def names(reading: Reading, folded: Reading, known: Known) -> Iterator[tuple[bool, Found]]:
    """All names; true beside those that are places in the folded reading. Some overlap."""
    text = reading.text
    learned = list(_written(text))
    for found in learned:
        yield False, found
    heard = [text[found.start : found.end] for found in learned if found.kind is Kind.NAME]
    needles = _Needles()
    for name in known.names:
        needles.add_person(name)
    for name in known.organisations:
        needles.add_services(name)
    for box in (*known.emails, *known.accounts):
        needles.add_box(box)
    for name in heard:
        needles.add_heard(name)
    yield from needles.found(text, folded.text)


class _Needles:
    """What is looked for: in small letters without accents, or as it is written with a capital."""

    def __init__(self) -> None:
        self.small: set[str] = set()
        #: What people log in with; in small letters as well.
        self.logins: set[str] = set()
        self.capital: set[str] = set()

    def add_person(self, name: str) -> None:
        """Add a whole name, each of its parts, and what people make of it for a login."""
        parts = [
            part
            for part in _parts(name)
            if fold(part) not in _WORDS["particles"] and fold(part) not in _WORDS["titles"]
        ]
        for part in parts:
            self._add_part(part)
        for first, *others in _in_ascii(parts):
            if others:
                last = others[-1]
                self._add_whole([first, *others])
                self._add_whole([last, first])
                self._add_whole([first, last])
                self._add_whole(others)
                self.logins |= {re.escape(first[0] + last), re.escape(last + first[0])}

    def add_services(self, name: str) -> None:
        """Add a whole name, and each part of it that tells which house it is."""
        parts = _parts(name)
        telling = [part for part in parts if fold(part) not in _WORDS["generic"]]
        for part in telling:
            self._add_part(part)
        for words in _in_ascii(parts):
            if len(words) > 1 and telling:
                self._add_whole(words)

    def add_box(self, typed: str) -> None:
        """Add what stands before the @ of an address, or a name of an account."""
        local = typed.partition("@")[0].partition("+")[0].strip()
        telling = fold(local)
        if len(local) >= _SHORTEST_BOX and telling not in _WORDS["generic"] | _WORDS["nobody"] | _WORDS[
            "everyday"
        ] | {
            "info",
            "contact",
            "kontakt",
        }:
            self.logins.add(re.escape(telling))

    def add_heard(self, name: str) -> None:
        """Add the parts of a name that the text itself told, as it wrote them."""
        for part in _parts(name):
            small = fold(part)
            if (
                small not in _WORDS["particles"] | _WORDS["nobody"] | set(_WORDS["titles"])
                and len(part) >= _SHORTEST_SMALL
            ):
                self.capital.add(re.escape(part))

    def found(self, text: str, folded: str) -> Iterator[tuple[bool, Found]]:
        """Where they stand; as `names`."""
        for where, needles, in_folded, kind in (
            (folded, self.small, True, Kind.NAME),
            (folded, self.logins - self.small, True, Kind.ACCOUNT),
            (text, self.capital, False, Kind.NAME),
        ):
            if not needles:
                continue
            longest_first = "|".join(sorted(needles, key=len, reverse=True))
            # “cannot” holds no Ann; scripts without spaces have no ends of words to look for
            cased = rf"(?<![^\W\d_])(?:{longest_first})(?:'?s|'|\d{{1,4}})?(?![^\W\d_])"
            for match in re.finditer(cased, where):
                found = _without_word(match[0]) if in_folded else match[0]
                yield in_folded, Found(match.start(), match.start() + len(found), kind)
            bare = [needle for needle in needles if not _has_cases(needle) and len(needle) > 1]
            if bare:
                for match in re.finditer("|".join(sorted(bare, key=len, reverse=True)), where):
                    yield in_folded, Found(*match.span(), kind)

    def _add_part(self, part: str) -> None:
        if len(part) == 1 and _has_cases(part):
            return  # an initial is everywhere
        for spelled in _spellings(part):
            if len(part) < _SHORTEST_SMALL and _has_cases(part):
                self.capital.add(re.escape(part[0].upper() + part[1:]))
            elif spelled in _WORDS["everyday"] | _WORDS["nobody"]:
                self.capital |= {re.escape(part[0].upper() + part[1:].lower()), re.escape(part.upper())}
            else:
                self.small.add(re.escape(spelled))

    def _add_whole(self, words: list[str]) -> None:
        if set(words) <= _WORDS["everyday"] | _WORDS["nobody"] | _WORDS["generic"]:
            self.capital.add(r"[\s._,-]{1,3}".join(re.escape(word[0].upper() + word[1:]) for word in words))
        else:
            self.small.add(r"[\s._,-]{0,3}".join(map(re.escape, words)))


def _parts(name: str) -> list[str]:
    return re.findall(r"[^\W_](?:[\w']*\w)?", Reading(name).text)


def _spellings(part: str) -> set[str]:
    """A part of a name in small letters: without accents, and with what stands for them in German."""
    small = part.casefold()
    spelled_out = small
    for letter, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ø", "oe"), ("å", "aa")):
        spelled_out = spelled_out.replace(letter, letters)
    return {fold(part), fold(spelled_out)}


def _in_ascii(parts: list[str]) -> list[list[str]]:
    """A name in each of the two spellings."""
    if not parts:
        return []
    plain = [fold(part) for part in parts]
    out = [max(_spellings(part), key=len) for part in parts]
    return [plain] if plain == out else [plain, out]


def _without_word(found: str) -> str:
    """What was found, without a word of every day at its end: “does” is not of Doe."""
    last = re.split(r"[\W_]", found)[-1]
    is_word = last.endswith("s") and last in _WORDS["everyday"] | _WORDS["nobody"]
    return found.removesuffix(last).rstrip() if is_word else found


def _has_cases(text: str) -> bool:
    return text.lower() != text.upper()


def _written(text: str) -> Iterator[Found]:
    """Names that the text tells by itself, and signatures."""
    yield from _greeted(text)
    yield from _signed(text)
    for introduction, is_one in _INTRODUCTIONS:
        for match in introduction.finditer(text):
            start = match.end()
            end = _name_end(text, start)
            if not end and introduction is _TELLING:
                end = _small_name_end(text, start)
            if end and is_one.match(text[start:end] + "\x01" + text[end : end + _AFTER]):
                yield Found(start, end, Kind.NAME)
    for match in _BEFORE_BOX.finditer(text):
        # the words right before it that can be a name
        yield from _last_name(text, *match.span("value"))


#: So many characters behind a name tell whether it is one.
_AFTER = 100
#: How names are introduced, and what must be true of the name and what stands behind it.
_INTRODUCTIONS = (
    (_TITLE, re.compile("")),
    (_TELLING, re.compile("")),
    # “I am Jane Doe”, “I am Jane from …”, not “I am Using it”
    (_SAYING, re.compile(r"\A[^\x01]* |\A[^\x01]*\x01[ \t]?(?:(?:from|of|von|aus|speaking)\b|[,.\n]|\Z)")),
    # “this is Broken.” is said of things
    (_CALLING, re.compile(r"\A[^\x01]*\x01[ \t]?(?:(?:from|of|speaking)\b|,)")),
    (_LABEL, re.compile(r"\A[^\x01]*\x01[ \t]*(?:[\n,;(<\0]|\Z)")),
    (_WROTE, re.compile("")),
    (_IT_WROTE, re.compile("")),
)


def _greeted(text: str) -> Iterator[Found]:
    for match in _GREETING.finditer(text):
        if _TITLE.match(text, match.end()):
            continue  # the title tells it
        end = _name_end(text, match.end())
        if (
            not end
            and (small := _small_name_end(text, match.end(), most=1))
            and text[small : small + 1] in {",", "!"}
        ):
            end = small
        following = _WORD.match(text, end + 1) if end else None
        if end and not (following and following[0].casefold() in {"team", "support", "desk"}):
            yield Found(match.end(), end, Kind.NAME)


def _signed(text: str) -> Iterator[Found]:
    for match in _ENDING.finditer(text):
        told, line = match["end"].strip(), match["line"]
        start = match.end()
        end = _line_name(text, start, small=bool(line))
        if not end or not (line or told or match["end"]):
            continue
        # “Thanks Jane” is one, “Best Buy” may be none
        if (
            not line
            and not told
            and not re.search(
                r"(?i)(?:regards|thanks|gr(?:u|ü)(?:ß|ss)e?|danke|cheers|lg|vg|mfg)\s*\Z", match[0]
            )
        ):
            continue
        yield Found(start, end, Kind.NAME)
        yield from _lines_below(text, end)
    below = _DELIMITER.match(text, text.rfind("\n--") + 1)
    if below:
        start = below.start("value")
        yield Found(start, start + len(below["value"].rstrip("\n")), Kind.SIGNATURE)


def _lines_below(text: str, end: int) -> Iterator[Found]:
    """The lines under a name at the end: the person's job and place, also below blank lines."""
    at = stop = text.find("\n", end) + 1
    if not at:
        return
    stop = _end_of_lines(text, at, _may_close)
    last = stop
    while (end := _end_of_lines(text, begin := _after_blank_lines(text, last), _tells_where)) > begin:
        last = end
    if _ENDS_THERE.match(text, last):
        stop = last
    if stop > at:
        yield Found(at, stop, Kind.SIGNATURE)


def _end_of_lines(text: str, at: int, is_one: Callable[[str], bool]) -> int:
    """The end of the lines from `at` on that are such; `at` where there are none, or too many."""
    end = start = at
    for number, line in enumerate(text[at:].split("\n", _MOST_LINES + 1)):
        if not is_one(line.strip(" \t>")):
            return end
        if number == _MOST_LINES:
            return at
        end = start + len(line)
        start = end + 1
    return end


def _after_blank_lines(text: str, at: int) -> int:
    """Where the first line behind `at` begins that is not blank."""
    match = _BLANK_LINES.match(text, at)
    return match.end() if match else at


def _may_close(line: str) -> bool:
    """Whether a line right under a name can belong to it: a short one that is no sentence."""
    return 0 < len(line) <= _LONGEST_LINE and line[-1] not in ".?!:" and not _POSTSCRIPT.match(line)


def _tells_where(line: str) -> bool:
    """The same below a blank line: in capitals or figures, as names and addresses are written."""
    if not _may_close(line) or len(line.split()) > _MOST_WORDS_OF_LINE:
        return False
    return line[0].isupper() or line[0].isdigit() or line[0] in "+(\0" or line.startswith("www.")


def _line_name(text: str, start: int, *, small: bool) -> int:
    """The end of a name that is all of its line; nothing if there is none."""
    stop = text.find("\n", start)
    line = text[start : len(text) if stop < 0 else stop]
    end = _name_end(text, start)
    if not end and small:
        end = _small_name_end(text, start, most=2)
        if end and not (stop < 0 or not text[stop:].split("\n", 2)[1].strip()):
            return 0
    rest = text[end : start + len(line)].strip(" \t.,!")
    # a second part behind a bar, in brackets, or blank already
    if not end or (rest and rest[0] not in "(/|<-\0"):
        return 0
    return end


def _name_end(text: str, start: int) -> int:
    """The end of a name that begins at `start`, with capitals; nothing if there is none."""
    at, end, words = start, 0, 0
    while words < _MOST_WORDS:
        match = _WORD.match(text, at)
        if match is None:
            break
        word = match[0]
        if (
            word.casefold() in _WORDS["particles"]
            and not word[0].isupper()
            and (words or _WORD.match(text, match.end() + 1))
        ):
            at = match.end() + 1
            words += 1
            if text[match.end() : at] not in {" ", "\t"}:
                break
            continue
        if not word[0].isupper() or word.casefold() in _WORDS["nobody"]:
            break
        words += 1
        end = match.end()
        if _INITIAL.match(text, match.start()) and len(word) == 1:
            end += 1
        at = end + 1
        if text[end:at] not in {" ", "\t"}:
            break
    return end


def _small_name_end(text: str, start: int, most: int = 3) -> int:
    """As `_name_end`, for one in small letters: as many words as may be a name."""
    at, end = start, 0
    for _ in range(most):
        match = _WORD.match(text, at)
        if match is None or fold(match[0]) in _WORDS["nobody"] or len(match[0]) < 2:  # noqa: PLR2004 - an initial is no name
            break
        end, at = match.end(), match.end() + 1
        if text[end:at] not in {" ", "\t"}:
            break
    return end


def _last_name(text: str, start: int, end: int) -> Iterator[Found]:
    words: list[re.Match[str]] = []
    for match in _WORD.finditer(text, start, end):
        small = match[0].casefold()
        if (match[0][0].isupper() and small not in _WORDS["nobody"]) or (
            words and small in _WORDS["particles"]
        ):
            words.append(match)
        else:
            words = []
    if words and not text[words[-1].end() : end].strip(" \t\"'."):
        words = words[-_MOST_WORDS:]
        yield Found(words[0].start(), words[-1].end(), Kind.NAME)
