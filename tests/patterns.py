"""Every regular expression of the package, and the texts that each of them likes least."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import paidsupport
from paidsupport.privacy.tones import shipped

#: Not for others by their names, and whether mypy knows them depends on what else it reads.
codes: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")
ROOT = Path(paidsupport.__file__).parent
_COMPILING = {"compile", "search", "match", "fullmatch", "split", "sub", "subn", "findall", "finditer"}
#: Texts that are hostile to many patterns.
_USUAL = (
    " ",
    "\n",
    "\t",
    "\r\n",
    "> ",
    '"',
    "'",
    "<",
    "&",
    "a",
    "A",
    "1",
    "-",
    "_",
    ".",
    "@",
    "/",
    "é",
    "漢",
    "\x00",
)
Steps = tuple[tuple[int, int], ...]
#: What a text begins with, and what is repeated after it.
Text = tuple[str, str]
#: How long texts grow, and how many of them go on. For some patterns forty characters are for ever.
THOROUGH: Steps = (
    *((24, 400), (32, 400), (40, 400), (48, 400)),
    *((400, 100), (4_000, 24), (20_000, 6), (100_000, 1)),
)
QUICK: Steps = ((24, 400), (32, 400), (40, 400), (48, 100), (400, 24), (4_000, 4))
#: As much of a text tells how it goes on.
_TELLING = 20_000
#: Five times the text takes what grows with it five times as long, and what grows with its square 25 times.
_PART, _GROWTH = 5, 11
#: So many of the longest pieces are tried at every length.
_ALWAYS = 3
#: Characters of one piece that is repeated.
_PIECE = 60


@dataclass(frozen=True)
class Found:
    """A regular expression: where it stands, and by which of its methods it is used."""

    where: str
    pattern: re.Pattern[Any]
    uses: tuple[str, ...] = ("finditer",)


@cache
def modules() -> dict[str, ModuleType]:
    """Every module of the package, imported."""
    names = (info.name for info in pkgutil.walk_packages(paidsupport.__path__, "paidsupport."))
    return {name: importlib.import_module(name) for name in names if not name.endswith("__main__")}


@cache
def trees() -> dict[str, ast.Module]:
    """The source of every module."""
    return {name: ast.parse(Path(str(module.__file__)).read_text()) for name, module in modules().items()}


def every() -> list[Found]:
    """Those that modules and their classes keep, and those that are written inside functions."""
    uses = _uses()
    found: dict[tuple[Any, int], Found] = {}
    for name, module in modules().items():
        for called, value in vars(module).items():
            for pattern in _in(value, name, set()):
                whose = name if called.startswith("_") else ""
                methods = tuple(sorted(uses.get((whose, called), ())))
                anchored = isinstance(value, re.Pattern) and methods and {*methods} <= {"match", "fullmatch"}
                found.setdefault(
                    (pattern.pattern, pattern.flags),
                    Found(f"{name}.{called}", pattern, methods if anchored else ("finditer",)),
                )
        for line, text, use in _written(trees()[name]):
            pattern = re.compile(text)
            uses_it = (use,) if use in {"match", "fullmatch"} else ("finditer",)
            found.setdefault((pattern.pattern, pattern.flags), Found(f"{name}:{line}", pattern, uses_it))
    return list(found.values())


def of_tones() -> list[Found]:
    """Those of the rules of tone, which stand in files that come with the package."""
    found = [
        Found(f"paidsupport.privacy.tones: {language.name}, {about}", pattern)
        for language in shipped()
        for about, patterns in (
            ("joins", (language.joins,)),
            *((rule.name, (*rule.patterns, *rule.unless, *rule.always)) for rule in language.rules),
        )
        for pattern in patterns
    ]
    return list({(each.pattern.pattern, each.pattern.flags): each for each in found}.values())


def made_of_variables() -> set[str]:
    """Functions in which a pattern is made of something that is not known before."""
    found = set()
    for name, tree in trees().items():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                calls = (call for call in ast.walk(function) if _compiles(call) and not _constant(call))
                found |= {f"{name}.{function.name}" for _ in calls}
    return found


def worst(found: Found, size: int, limit: float, steps: Steps = THOROUGH) -> tuple[float, str]:
    """The seconds that it takes for its worst text of `size` characters, and of what that is made.

    Texts grow step by step, so that one which takes longer than `limit` ends the search early.
    """
    times, length = _search(found, size, limit, steps)
    text = max(times, key=times.__getitem__)
    return times[text], _told(text, length)


def longest(found: Found, size: int, limit: float) -> tuple[float, str]:
    """The same by what the beginning takes, and a part of it; where that leaves a doubt, more is fed.

    At worst it grows with the square of a text. Whatever grows faster than that has reached `limit` by then.
    """
    times, length = _search(found, min(size, _TELLING), limit / 10, QUICK)
    likely = {text: _likely(found, text, seconds, length, size, limit) for text, seconds in times.items()}
    text = max(likely, key=likely.__getitem__)
    return likely[text], _told(text, length)


def _likely(found: Found, text: Text, seconds: float, length: int, size: int, limit: float) -> float:
    """The seconds for all of the text, of which `length` characters take `seconds`."""
    more = size / length
    if seconds > limit / 10:
        return seconds * more  # at least
    if seconds * more**2 < limit / 2:
        return seconds * more**2  # at most
    if (likely := seconds * more ** _power(found, text, length, seconds)) < limit / 2:
        return likely
    tenth = size // 10
    if (longer := _seconds(found, text, tenth)) > limit:
        return longer * 10
    likely = longer * 10 ** _power(found, text, tenth, longer)
    # close to the limit it is fed all of it, far from it that says nothing new
    return _seconds(found, text, size) if limit / 2 < likely < limit * 5 else likely


def _power(found: Found, text: Text, length: int, seconds: float) -> int:
    """Whether it takes longer with the length of the text, 1, or with the square of that, 2."""
    part = min(_seconds(found, text, length // _PART) for _ in range(2))
    return 2 if seconds > _GROWTH * part else 1


def _told(text: Text, length: int) -> str:
    return f"{length} of {text[0]!r} and again and again {text[1]!r}"


def _search(found: Found, size: int, limit: float, steps: Steps) -> tuple[dict[Text, float], int]:
    """The texts that are worst at this size, with seconds, or the one that takes longer than `limit`."""
    pieces = _pieces(found.pattern)
    texts = list(dict.fromkeys(_hostile(pieces)))
    # some patterns are slow only after thousands of characters: before, chance alone tells which texts go on
    longest = [("", piece) for piece in sorted(pieces, key=len)[-_ALWAYS:]]
    for length, kept in (*steps, (size, 1)):
        times: dict[Text, float] = {}
        for text in texts:
            times[text] = _seconds(found, text, min(length, size))
            if times[text] > limit:
                return {text: times[text]}, length
        slowest = sorted(times, key=lambda text: -times[text])
        texts = list(dict.fromkeys([*slowest[:kept], *longest]))
    return times, size


def _seconds(found: Found, text: Text, size: int) -> float:
    head, repeated = text
    whole: Any = (head + repeated * (size // len(repeated) + 1))[:size]
    if isinstance(found.pattern.pattern, bytes):
        whole = whole.encode("utf-8", "replace")[:size]
    began = time.process_time()
    for use in found.uses:
        if use == "finditer":
            for _ in found.pattern.finditer(whole):
                pass
        else:
            getattr(found.pattern, use)(whole)
    return time.process_time() - began


def _pieces(pattern: re.Pattern[Any]) -> list[str]:
    """Beginnings of what a pattern may match."""
    text = pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern
    tree = parser.parse(
        text, pattern.flags & ~re.DEBUG & ~(re.UNICODE if isinstance(pattern.pattern, bytes) else 0)
    )
    return list(dict.fromkeys(piece[:_PIECE] for piece in _samples(tree) if piece))


def _hostile(pieces: list[str]) -> Iterator[Text]:
    """Texts made of beginnings of matches that never end."""
    singles = list(dict.fromkeys(sign for piece in pieces for sign in piece))[:40]
    for piece in (*pieces, *_USUAL):
        yield "", piece
    for piece in pieces[:60]:
        for more in (piece[-1], " ", "\n", *singles[:4]):
            yield piece, more
            yield "", piece + more * 40
    for single in singles:
        yield "", single


def _samples(tree: Any) -> Iterator[str]:  # noqa: ANN401  # likewise
    """Every beginning of what the parsed pattern may match, one for each way at each fork."""
    done = [""]
    for op, argument in tree:
        ways = list(dict.fromkeys(_ways(op, argument)))
        for way in ways:
            yield from (whole + way for whole in done[:6])
            yield way
        grown = [whole + way for whole in done[:4] for way in ways[:4]]
        done = list(dict.fromkeys(grown)) or done
        yield from done


def _ways(op: object, argument: Any) -> Iterator[str]:  # noqa: ANN401  # whatever the parser gives
    if op is codes.LITERAL:
        yield chr(argument)
    elif op is codes.NOT_LITERAL:
        yield "x" if argument != ord("x") else "y"
    elif op is codes.ANY:
        yield from ("x", " ")
    elif op is codes.IN:
        yield from _of_class(argument)
    elif op in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = argument
        for way in list(_samples(inner))[-6:]:
            yield way * max(int(least), 1)
            yield way * min(int(most), 8)
    else:
        for inner in _groups(op, argument):
            yield from list(_samples(inner))[-4:]


def _groups(op: object, argument: Any) -> list[Any]:  # noqa: ANN401  # likewise
    """What stands in a group, a fork, or an assertion."""
    if op is codes.BRANCH:
        return list(argument[1])
    if op in (codes.SUBPATTERN, codes.ASSERT, codes.ASSERT_NOT):
        return [argument[-1]]
    return [argument] if op is codes.ATOMIC_GROUP else []


def _of_class(items: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    """Some signs of a class."""
    categories = {
        codes.CATEGORY_DIGIT: "1",
        codes.CATEGORY_SPACE: " \n",
        codes.CATEGORY_WORD: "a_1",
        codes.CATEGORY_NOT_DIGIT: "a",
        codes.CATEGORY_NOT_SPACE: "a.",
        codes.CATEGORY_NOT_WORD: ". ",
    }
    listed = list(items)
    if listed and listed[0][0] is codes.NEGATE:
        yield from (sign for sign in 'x 1.-\n"<' if not _is_in(sign, listed[1:]))
        return
    for op, argument in listed:
        if op is codes.LITERAL:
            yield chr(argument)
        elif op is codes.RANGE:
            yield chr(argument[0])
        elif op is codes.CATEGORY:
            yield from categories.get(argument, "a")


def _is_in(sign: str, items: Iterable[tuple[Any, Any]]) -> bool:
    number = ord(sign)
    return any(
        (op is codes.LITERAL and number == argument)
        or (op is codes.RANGE and argument[0] <= number <= argument[1])
        or (op is codes.CATEGORY and argument is codes.CATEGORY_SPACE and sign.isspace())
        for op, argument in items
    )


def _in(value: object, module: str, seen: set[int]) -> Iterator[re.Pattern[Any]]:
    """The patterns in a value of a module, however deep they lie."""
    if isinstance(value, re.Pattern):
        yield value
    if id(value) in seen or isinstance(value, str | bytes | ModuleType):
        return
    seen.add(id(value))
    inner: Iterable[object] = ()
    if isinstance(value, Mapping):
        inner = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        inner = value
    elif getattr(value, "__module__", None) == module or type(value).__module__.startswith("paidsupport"):
        inner = list(getattr(value, "__dict__", {}).values())
        slots = getattr(type(value), "__slots__", ())
        inner += [getattr(value, name, None) for name in ([slots] if isinstance(slots, str) else slots)]
    for each in inner:
        yield from _in(each, module, seen)


def _uses() -> dict[tuple[str, str], set[str]]:
    """By which methods a name of a module is used: its own names there, the others anywhere."""
    uses: dict[tuple[str, str], set[str]] = {}
    for module, tree in trees().items():
        called = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                called.add(id(node.value))
                for whose in (module, ""):
                    uses.setdefault((whose, _name(node.value)), set()).add(node.attr)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and id(node) not in called and _loads(node):
                for whose in (module, ""):
                    # handed on: whoever has it may search
                    uses.setdefault((whose, _name(node)), set()).add("finditer")
    return uses


def _loads(node: ast.Name | ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Load)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _written(tree: ast.Module) -> Iterator[tuple[int, str | bytes, str]]:
    """Patterns that are written where they are used."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda))
    for call in (call for function in functions for call in ast.walk(function)):
        if isinstance(call, ast.Call) and _compiles(call) and _constant(call):
            value = call.args[0]
            assert isinstance(value, ast.Constant)
            assert isinstance(value.value, str | bytes)
            yield call.lineno, value.value, call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _compiles(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
        return False
    return node.func.attr in _COMPILING and _name(node.func.value) == "re"


def _constant(call: ast.AST) -> bool:
    return isinstance(call, ast.Call) and isinstance(call.args[0], ast.Constant)
