"""What clients of trackers read alike: fields of JSON, pages, our reference, and what has changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from paidsupport.connect.trackers.asking import Desk
from paidsupport.connect.trackers.protocol import Change

#: Pages of one list that are read at most.
MOST_PAGES = 100
#: How often a change is told of: the second time it is surely over.
_TOLD = 2
_REFERENCE = re.compile(r"Reference: (\S{1,40})")
#: Numbers of trackers are smaller.
_LARGEST = 2**53
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seen:
    """An issue in a list; `ours`: whether the account of the desk filed it."""

    id: str
    changed: datetime | None
    created: datetime | None
    ours: bool


def begin(newest: Seen | None) -> Mapping[str, Any]:
    """The first watermark: nothing is new that is not newer than the newest issue there."""
    began = (newest.changed if newest else None) or _BEGINNING
    return {"at": began.isoformat(), "start": began.isoformat(), "told": {}}


def reading_since(watermark: Mapping[str, Any], overlap: timedelta) -> datetime | None:
    """From when on the list is read; None: reading has not begun."""
    at = moment(watermark.get("at"))
    return at - overlap if at is not None and moment(watermark.get("start")) is not None else None


def changes(
    seen: Iterable[Seen], watermark: Mapping[str, Any], overlap: timedelta
) -> tuple[Sequence[Change], Mapping[str, Any]]:
    """What has changed, and the next watermark.

    Args:
        seen: What the list has since `reading_since`, newest first.
        watermark: The last one.
        overlap: How much of what was read before is read again, since times are coarse and pages move.
    """
    at, start = moment(watermark.get("at")) or _BEGINNING, moment(watermark.get("start")) or _BEGINNING
    before, told = mapping(watermark.get("told")), dict[str, int]()
    found: list[Change] = []
    newest = at
    for each in seen:
        changed = each.changed or at
        newest = max(newest, changed)
        mark = f"{each.id} {changed.isoformat()}"
        times = before.get(mark, 0)
        told[mark] = min(times + 1, _TOLD)
        if times < _TOLD:
            fresh = each.created is not None and each.created > start and not each.ours
            found.append(Change(each.id, fresh))
    kept = {
        mark: times
        for mark, times in told.items()
        if datetime.fromisoformat(mark.partition(" ")[2]) >= newest - overlap
    }
    return found[::-1], {"at": newest.isoformat(), "start": start.isoformat(), "told": kept}


def paged(desk: Desk, path: str, query: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
    """The rows of a list, page by page as its Link headers say."""
    asked = urlencode(query)
    for _page in range(MOST_PAGES):
        read = desk.get(f"{path}?{asked}")
        yield from listed(read.content)
        if not (asked := next_query(read.headers)):
            return


def next_query(headers: Mapping[str, str]) -> str:
    """The query of the next page; never more of its address, which could lead elsewhere."""
    for part in headers.get("Link", "").split(","):
        address, _semicolon, said = part.partition(";")
        if 'rel="next"' in said:
            try:
                return urlsplit(address.strip().removeprefix("<").removesuffix(">")).query
            except ValueError:
                return ""
    return ""


def signed(details: str, reference: str) -> str:
    """A description with our reference, for trackers without a field for it."""
    return f"{details}\n\nReference: {reference}"


def reference_in(said: str) -> str:
    """Our reference in a text; empty if it has none. The last one counts."""
    found = _REFERENCE.findall(said)
    return found[-1] if found else ""


def nameless(said: str, who: Mapping[str, Any]) -> str:
    """A text without the full name of who wrote it, which the desk knows nothing of.

    Args:
        said: The text.
        who: Its writer, as the tracker tells of people. Names of one word may be words of the text.
    """
    names = {text(who, each).strip() for each in ("name", "real_name", "full_name")}
    for name in names:
        if " " in name:
            said = re.sub(re.escape(name), "[…]", said, flags=re.IGNORECASE)
    return said


def mapping(found: Any) -> Mapping[str, Any]:  # noqa: ANN401  # whatever JSON holds
    """An object of JSON; empty if it is none."""
    return found if isinstance(found, dict) else {}


def listed(found: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401  # as above
    """The objects in a list of JSON."""
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def rows(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects in a list that is a field of an object."""
    return listed(found.get(name))


def text(found: Mapping[str, Any], name: str) -> str:
    """A field that is a text; empty if it is none."""
    value = found.get(name)
    return value if isinstance(value, str) else ""


def number(value: Any) -> int:  # noqa: ANN401  # some ids come as text
    """A whole number; 0 if it is none."""
    if isinstance(value, int):
        return value if abs(value) < _LARGEST else 0
    is_number = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 16  # noqa: PLR2004
    return int(value) if is_number else 0


def id_of(found: Mapping[str, Any], name: str = "id") -> str:
    """A number by which something is called; empty if it has none."""
    value = number(found.get(name))
    return str(value) if value > 0 else ""


def moment(value: Any) -> datetime | None:  # noqa: ANN401  # as above
    """A time with its zone."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None
