"""What a ticket is called: its subject, or else the first sentence of its text that is no greeting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, takewhile

from paidsupport.kernel.text import is_visible, shorten

_HELLO = re.compile(
    r"(?:dear|hi(?: there)?|hello(?: there)?|hey|greetings|good (?:morning|afternoon|evening|day)"
    r"|to whom it may concern"
    r"|hallo|hoi|moin|servus|grüezi|guten (?:tag|morgen|abend)|liebe[rs]?|sehr geehrte[rs]?|werte[rs]?"
    r"|salut|bonjour|bonsoir|chère?s?|madame|monsieur|hola|buenos d[ií]as|buenas tardes|estimad[oa]s?"
    r"|ciao|buongiorno|gentile|ol[áa]|bom dia|beste|geachte|hej|cześć|dzień dobry)(?![\w'])"
    # whom it greets: up to a sign behind them, or a word or two that are all of the line
    r"(?:(?:[ \t]+[^\W\d_][\w'.&/-]*){0,6}[ \t]*[,!:…—–-]+|(?:[ \t]+[^\W\d_][\w'.-]*){0,2}[ \t]*\.?$)",
    re.IGNORECASE,
)


#: A sentence ends here; “e.g. this” and “v. 2” do not.
_END = re.compile(r"(?<=\w\w)[.!?…]+(?=\s+[^\W\d_a-zà-ÿ])")
#: A small word to begin with; addresses and names like “iPhone” stay as they are.
_SMALL = re.compile(r"[a-zà-ÿ]+(?=[\s,])")
#: A line as long as this was wrapped by a mail program: its sentence goes on below.
_WRAPPED = 50


def title_of(*texts: str, limit: int) -> str:
    """A title out of the first of `texts` that has one, in at most `limit` characters; else nothing."""
    found = (sentence for text in texts for sentence in _sentences(text))
    return shorten(next(found, ""), limit)


def says_more(title: str, *texts: str) -> bool:
    """Whether a title says something that none of `texts` says; one that was made out of them does not."""
    said = _on_one_line(title.replace("…", ""))
    return bool(said) and all(said not in _on_one_line(text) for text in texts)


def _on_one_line(text: str) -> str:
    return " ".join(text.split()).casefold()


def opening_of(text: str, limit: int) -> str:
    """The first paragraph of a text that is no greeting, on one line, in at most `limit` characters."""
    lines = [line.strip() for line in text.splitlines()]
    for at, line in enumerate(lines):
        if is_visible(said := _without_greeting(line)):
            return shorten(_titled(" ".join([said, *takewhile(bool, lines[at + 1 :])])), limit)
    return ""


def _sentences(text: str) -> Iterator[str]:
    """The first sentence of each line that says something beside a greeting."""
    lines = [line.strip() for line in text.splitlines()]
    for at, line in enumerate(lines):
        said = _without_greeting(line)
        if not is_visible(said):
            continue
        for before, after in pairwise(lines[at:]):
            if len(before) < _WRAPPED or not after[:1].islower():
                break
            said = f"{said} {after}"
        end = _END.search(said)
        yield _titled(said[: end.start()] + "?" * ("?" in end[0]) if end else said)


def _without_greeting(line: str) -> str:
    while hello := _HELLO.match(line):
        line = line[hello.end() :].lstrip(" \t,!:.-–—")
    return line


def _titled(sentence: str) -> str:
    """A sentence as a heading: a capital first, no full stop; a question stays one."""
    sentence = sentence.strip()
    if sentence.endswith(".") and not sentence.endswith(".."):
        sentence = sentence[:-1]
    return sentence[:1].upper() + sentence[1:] if _SMALL.match(sentence) else sentence
