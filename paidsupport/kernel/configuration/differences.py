"""What two states of something differ in, piece by piece: the draft of a service and what is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

#: Where a difference is: the names of fields and parts on the way to it.
Path = tuple[str, ...]
#: A path, with what is there before and after; None where there is nothing.
Difference = tuple[Path, Any, Any]

#: What a part of a list is found by again.
_NAME = "name"


def differences(before: Any, after: Any) -> list[Difference]:  # noqa: ANN401  # as of JSON
    """Every piece that differs, in the order of what is there after.

    Mappings are compared field by field. Lists of parts with a `name` are compared part by part: one that was
    added or removed is told as a whole, and another order as the names in their orders. Of other lists, each
    element that was added, removed or replaced is told, with its position from 1.

    Args:
        before: Mappings, lists and plain values, as of JSON.
        after: The same.
    """
    return list(_between((), before, after))


def _between(path: Path, before: Any, after: Any) -> Iterator[Difference]:  # noqa: ANN401  # as above
    if before == after:
        return
    if _both(Mapping, before, after):
        yield from _fields(path, before, after)
    elif _both(Sequence, before, after) and not isinstance(before, str) and not isinstance(after, str):
        named = _named(before) and _named(after)
        yield from _parts(path, before, after) if named else _elements(path, before, after)
    else:
        yield path, before, after


def _both(kind: type, before: object, after: object) -> bool:
    return isinstance(before, kind) and isinstance(after, kind)


def _named(parts: Sequence[Any]) -> bool:
    return all(isinstance(part, Mapping) and _NAME in part for part in parts)


def _fields(path: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys([*after, *before]):
        yield from _between((*path, str(name)), before.get(name), after.get(name))


def _parts(path: Path, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Difference]:
    old, new = ({str(part[_NAME]): part for part in parts} for parts in (before, after))
    for name in dict.fromkeys([*new, *old]):
        yield from _between((*path, name), old.get(name), new.get(name))
    was, now = [name for name in old if name in new], [name for name in new if name in old]
    if was != now:
        yield path, was, now


def _elements(path: Path, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Difference]:
    if sorted(map(str, before)) == sorted(map(str, after)):
        yield path, list(before), list(after)
        return
    keys = ([str(each) for each in before], [str(each) for each in after])
    for change, first, last, begin, end in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if change == "equal":
            continue
        for number, (was, now) in enumerate(zip_longest(before[first:last], after[begin:end])):
            place = (begin if begin + number < end else first) + number + 1
            yield (*path, str(place)), was, now
