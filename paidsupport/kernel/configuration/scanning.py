"""Where everything stands in a TOML file, and whether it is one that people write: before it is parsed.

A parser says what a file holds, not on which line. And some files are only there to keep it busy: those are
refused here, in one pass over the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from paidsupport.kernel.i18n.messages import Message, Number
from paidsupport.kernel.i18n.messages import gettext as _

#: The most bytes, keys with members of lists, and levels of a file.
LARGEST = 2 * 1024 * 1024
MOST = 50_000
DEEPEST = 20
NESTED = _("The file is nested too deeply.")
#: Names of tables and keys on the way to something, with the numbers of tables in lists.
Path = tuple[str | int, ...]
#: A line, what is there (`table`, `list`, `key`) and its names.
Statement = tuple[int, str, Path]

_TOKEN = re.compile(
    # lines that say nothing are one piece; what was found of them is not gone over again
    r"(?:[^\S\n]*+(?:#[^\n]*+)?+\n)++|#[^\n]*"
    r'|"""|\'\'\'|"(?:[^"\\\n]|\\[^\n])*"|\'[^\'\n]*\'|[\[\]{}=,.]|[^\s\[\]{}=,."\'#]+|[^\S\n]+|["\']'
)
_OPENING, _CLOSING = frozenset("[{"), frozenset("]}")
#: What stands once in each key, header and member of a list, at the least.
_COUNTED = frozenset("=,[{")
_LONG, _DOT = frozenset({'"""', "'''"}), "."


class TooMuchError(ValueError):
    """The file is larger or deeper than any that people write.

    Attributes:
        sentence: How.
        line: Where, if that is known.
    """

    def __init__(self, sentence: Message, line: int = 0) -> None:
        self.sentence, self.line = sentence, line
        super().__init__(sentence)


def lines_of(text: str) -> Mapping[Path, int]:
    """The line of each table and key that stands on one of its own, by the way to it.

    Raises:
        TooMuchError: The file has too many bytes, keys or levels.
    """
    if len(text.encode(errors="replace")) > LARGEST:
        raise TooMuchError(_("The file is larger than 2 MB."))
    found: dict[Path, int] = {(): 1}
    seen: defaultdict[Path, int] = defaultdict(int)
    here: Path = ()
    for line, kind, names in _statements(text):
        if kind == "key":
            for end in range(1, len(names) + 1):
                found.setdefault((*here, *names[:end]), line)
            continue
        here = _inside(names[:-1], seen)
        for end in range(1, len(here) + 1):
            found.setdefault(here[:end], line)
        here += names[-1:]
        if kind == "list":
            found.setdefault(here, line)
            here = (*here, seen[here])
            seen[here[:-1]] += 1
        found.setdefault(here, line)
    return found


def _inside(names: Path, seen: Mapping[Path, int]) -> Path:
    """The way to a table, through the newest table of each list."""
    here: Path = ()
    for name in names:
        here = (*here, name)
        if count := seen.get(here):
            here = (*here, count - 1)
    return here


def _statements(text: str) -> Iterator[Statement]:
    """Each header and key, in their order."""
    scanner, at = _Scanner(), 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:  # nothing that TOML knows: the parser says so
            at += 1
            continue
        piece, at = found[0], found.end()
        if piece in _LONG:
            end = _end(text, piece, at)
            scanner.line += text.count("\n", at, end)
            at = end
        elif piece[-1] == "\n" or not (piece[0] == "#" or piece.isspace()):
            yield from scanner.take(piece)
    yield from scanner.take("\n")


class _Scanner:
    """Goes through the pieces of a file, without texts of several lines, comments and blanks."""

    def __init__(self) -> None:
        self.line = self._began = 1
        #: How many headers, keys and members of lists there were.
        self._number = 0
        #: The pieces of a header or key, and how deep its value is nested; -1: none has begun.
        self._pieces: list[str] = []
        self._depth = -1

    def take(self, piece: str) -> Iterator[Statement]:
        """Take the next piece; gives what is complete with it."""
        self._number += piece in _COUNTED
        if self._number > MOST:
            said = _("The file has more than %(most)s keys and values.", most=Number(MOST))
            raise TooMuchError(said, self.line)
        if piece[-1] == "\n":  # and as many blank lines and comments as follow
            yield from self._end_line()
            self.line += piece.count("\n")
        elif self._depth >= 0:
            self._depth = max(self._depth + (piece in _OPENING) - (piece in _CLOSING), 0)
        elif piece == "=":
            self._depth = 0
            if names := _names(self._pieces):
                yield self._began, "key", names
        else:
            self._began = self._began if self._pieces else self.line
            self._pieces.append(piece)
        if max(self._depth, len(self._pieces) // 2 - 2) > DEEPEST:
            raise TooMuchError(NESTED, self.line)

    def _end_line(self) -> Iterator[Statement]:
        if self._depth > 0:  # a list goes on
            return
        if self._depth < 0 and (said := _header(self._pieces)):
            yield (self._began, *said)
        self._pieces, self._depth = [], -1


def _end(text: str, quotes: str, at: int) -> int:
    """Where a text of several lines ends."""
    while (end := text.find(quotes, at)) >= 0:
        backslashes = end - len(text[at:end].rstrip("\\")) - at if quotes[0] == '"' else 0
        if backslashes % 2 == 0:
            break
        at = end + 1
    else:
        return len(text)
    end += len(quotes)
    while text[end : end + 1] == quotes[0]:  # up to two of them belong to the text
        end += 1
    return end


def _header(tokens: list[str]) -> tuple[str, Path] | None:
    number = 2 if tokens[:2] == ["[", "["] else 1
    if tokens[:1] != ["["] or tokens[-number:] != ["]"] * number:
        return None
    names = _names(tokens[number:-number])
    return ("list" if number > 1 else "table", names) if names else None


def _names(tokens: list[str]) -> Path:
    return tuple(_plain(each) for each in tokens if each != _DOT)


def _plain(name: str) -> str:
    quoted = name[:1] in ('"', "'") and name[-1:] == name[:1] and len(name) > 1
    return name[1:-1] if quoted else name
