"""The filters of a list, read from its address: nothing else decides what it shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.words import words
from paidsupport.kernel.workflow import Part, Workflow
from paidsupport.tickets.priority.rules import NUMBERS
from paidsupport.tickets.queue.queries import SORTS, Wanted
from paidsupport.tickets.standing import Standing
from paidsupport.tickets.turn import Turns, Whose

#: The names of the filters in addresses.
NARROWING = ("service", "workflow", "owner", "turn", "priority", "payment", "older", "due", "tag")
#: Parameters that an open queue adds about its own state; they do not filter.
SEEN = {"since", "news", "bulk"}
#: A century: nothing is older, and larger numbers would not fit into a column.
_MOST_DAYS = 36_500
_HIGHEST = 2**31 - 1
#: The usual order: of open tickets the oldest first, of closed ones the newest.
_DESCENDING = {Part.UNASSIGNED: False, Part.PENDING: False, Part.CLOSED: True, None: True}


def asked(args: MultiDict[str, str]) -> frozenset[tuple[str, str]]:
    """Everything an address asks for, in any order."""
    return frozenset((name, value) for name, value in args.items() if value and name not in SEEN)


def read(args: MultiDict[str, str], now: datetime, flows: Collection[Workflow]) -> Wanted:
    """Read the address of a queue. Raises NotFoundError for values that none of our pages link to."""
    text = args.get("q", "")
    looked_for = words(text)
    # the list of all parts is ordered only for a search; no index serves it otherwise
    part = _part(args.get("part", "all" if looked_for else Part.UNASSIGNED))
    overdue = args.get("due") == "over"
    if part is None and not looked_for and not overdue:
        part = Part.UNASSIGNED
    days = _number(args.get("older", ""))
    sort = args.get("sort") or ("due" if overdue else "changed" if part is Part.CLOSED else "submitted")
    if sort not in SORTS:
        raise NotFoundError
    wanted = Wanted(
        part=part,
        service=args.get("service", ""),
        workflow=args.get("workflow", ""),
        owner=_number(args.get("owner", "")),
        submitted_before=now - timedelta(days=min(days, _MOST_DAYS)) if days else None,
        reopening=args.get("waiting") == "1",
        tag=args.get("tag", "").strip(),
        due_before=now if overdue else None,
        turn=_turn(args.get("turn", "")),
        turns=Turns.of(flows) if args.get("turn") else None,
        priority=existing(NUMBERS.get(args["priority"])) if args.get("priority") else None,
        payment=_payment(args.get("payment", "")),
        words=looked_for,
        sort=sort,
        descending=_is_down(args.get("order"), part, sort),
    )
    return replace(wanted, after=cursor(args.get("after", ""), sort))


def _is_down(order: str | None, part: Part | None, sort: str) -> bool:
    return order == "down" if order else _DESCENDING[part] and sort not in {"due", "priority"}


def _turn(name: str) -> Whose | None:
    try:
        return Whose(name) if name else None
    except ValueError:
        raise NotFoundError from None


def _payment(name: str) -> Standing | None:
    try:
        return Standing(name) if name else None
    except ValueError:
        raise NotFoundError from None


def _part(name: str) -> Part | None:
    if name == "all":
        return None
    try:
        return Part(name)
    except ValueError:
        raise NotFoundError from None


def _number(text: str) -> int | None:
    return existing(whole_number(text)) if text else None


def cursor(text: str, sort: str) -> tuple[Any, int] | None:
    """The key of the last row of the previous page, as written by `spelled`. Raises NotFoundError."""
    if not text:
        return None
    value, _, last_id = text.rpartition("~")
    number = existing(whole_number(last_id))
    if sort in {"price", "priority"}:
        return min(_number(value) or 0, _HIGHEST), number
    try:
        return datetime.fromisoformat(value).astimezone(UTC), number
    except (ValueError, OverflowError):
        raise NotFoundError from None


def spelled(key: tuple[Any, int]) -> str:
    """The key of a row as a text for addresses; `cursor` reads it."""
    value, last_id = key
    return f"{value.isoformat() if isinstance(value, datetime) else value}~{last_id}"
