"""The lines that tickets move in as: types and fields of an export, each with where it comes from.

A line refers to another one by its `source_id`, in the fields that an export has for ids. What belongs to a
ticket follows it, before the next ticket: so one ticket after the other is read, and no more in memory.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

#: The folder of the contents of files, beside the lines.
FILES = "files"
#: The file with the lines, in a folder.
LINES = "import.jsonl"
#: What a system is called: its kind, and which one of them it is, where there are several.
_SOURCE = re.compile(r"[a-z][a-z0-9-]{0,19}(?::[^\s]{1,60})?")
#: What a name in the store of another system can be without being looked up outside of its folder.
_STORED = re.compile(rf"{FILES}/[\w.,() -]+")
_LONGEST_ID = 40


class Holds(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    #: The `source_id` of another line.
    REFERENCE = "reference"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a line."""

    holds: Holds
    #: The type of the line that it refers to.
    to: str = ""
    #: What it may be; anything if empty.
    among: tuple[str, ...] = ()
    needed: bool = False


def _text(*among: str, needed: bool = False) -> Field:
    return Field(Holds.TEXT, among=among, needed=needed)


def _to(other: str, *, needed: bool = False) -> Field:
    return Field(Holds.REFERENCE, other, needed=needed)


_TEXT, _NUMBER, _MOMENT = _text(), Field(Holds.NUMBER), Field(Holds.MOMENT)
_AT = Field(Holds.MOMENT, needed=True)
_OF_TICKET = _to("ticket", needed=True)

#: The types of lines, with their fields besides `type`, `source` and `source_id`.
TYPES: Mapping[str, Mapping[str, Field]] = {
    "person": {"name": _text(needed=True), "email": _TEXT},
    "organisation": {
        "name": _text(needed=True),
        "kind": _text("merchant", "bank", "operator", "other"),
        "notes": _TEXT,
    },
    "contact": {
        "organisation_id": _to("organisation", needed=True),
        "name": _text(needed=True),
        "email": _TEXT,
        "phone": _TEXT,
        "role": _TEXT,
        "note": _TEXT,
    },
    "ticket": {
        "service_name": _TEXT,
        "state": _TEXT,
        "part": _text("unassigned", "pending", "closed", needed=True),
        "summary": _TEXT,
        "details": _TEXT,
        "customer_name": _TEXT,
        "customer_email": _TEXT,
        "language": _TEXT,
        "priority": _NUMBER,
        "owner_id": _to("person"),
        "organisation_id": _to("organisation"),
        "submitted_at": _AT,
        "ended_at": _MOMENT,
    },
    "message": {
        "ticket_id": _OF_TICKET,
        "direction": _text("in", "out", needed=True),
        "author_id": _to("person"),
        "author_name": _TEXT,
        "body": _text(needed=True),
        "rest": _TEXT,
        "at": _AT,
    },
    "annotation": {
        "ticket_id": _OF_TICKET,
        "author_id": _to("person"),
        "author_name": _TEXT,
        "body": _text(needed=True),
        "at": _AT,
    },
    "file": {
        "ticket_id": _OF_TICKET,
        "message_id": _to("message"),
        "annotation_id": _to("annotation"),
        "audience": _text("customer", "desk"),
        "name": _text(needed=True),
        "stored_as": _text(needed=True),
        "at": _MOMENT,
    },
    "tag": {"ticket_id": _OF_TICKET, "name": _text(needed=True)},
    "work": {
        "ticket_id": _OF_TICKET,
        "person_id": _to("person"),
        "person_name": _TEXT,
        "machine": _TEXT,
        "what": _TEXT,
        "started_at": _AT,
        "ended_at": _AT,
    },
    "ticket_event": {
        "ticket_id": _OF_TICKET,
        "kind": _text(needed=True),
        "actor_id": _to("person"),
        "actor_name": _TEXT,
        "data": Field(Holds.DATA),
        "at": _AT,
    },
}
#: The types that belong to a ticket.
PARTS = frozenset(name for name, fields in TYPES.items() if fields.get("ticket_id") is _OF_TICKET)


class LineError(ValueError):
    """A line that cannot be used; the text says why, and holds nothing of what people wrote."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something of the other system that is not known here, or stays behind.

    Attributes:
        about: One of `REMARKS`.
        word: Which one: a name of a status, a queue, a field, a file.
        ticket: Where it was seen.
    """

    about: str
    word: str
    ticket: str = ""


#: What a remark can be about.
REMARKS = ("status", "queue", "author", "field", "file", "line")
Line = Mapping[str, Any]
#: What a source gives, one after the other.
Given = Line | Remark


@dataclass(slots=True)
class Bundle:
    """A ticket with all that belongs to it; without a ticket, a line that stands for itself."""

    line: dict[str, Any]
    parts: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by, and written once."""
        return self.line["source"], self.line["type"], known_as(self.line["source_id"])

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Its parts of this type, in their order."""
        return [part for part in self.parts if part["type"] == kind]


def bundles(given: Iterable[Given]) -> Iterator[Bundle]:
    """The lines of a source, what belongs together in one; a line that cannot be used becomes a remark."""
    bundle: Bundle | None = None
    waiting: list[Remark] = []
    for each in given:
        if isinstance(each, Remark):
            (bundle.remarks if bundle else waiting).append(each)
            continue
        try:
            line = checked(each)
        except LineError as error:
            about = str(each.get("source_id", ""))[:_LONGEST_ID]
            (bundle.remarks if bundle else waiting).append(Remark("line", str(error), about))
            continue
        if line["type"] in PARTS:
            if bundle is None or bundle.line["type"] != "ticket" or not _belongs(line, bundle.line):
                said = f"a {line['type']} is not behind its ticket"
                (bundle.remarks if bundle else waiting).append(Remark("line", said, str(line["ticket_id"])))
            else:
                bundle.parts.append(line)
            continue
        if line["type"] == "person":
            # who is met within a ticket is known before it is written
            yield Bundle(line)
            continue
        if bundle is not None:
            yield bundle
        bundle = Bundle(line, remarks=waiting)
        waiting = []
    if bundle is not None:
        bundle.remarks += waiting
        yield bundle


def _belongs(part: Line, ticket: Line) -> bool:
    return (part["source"], part["ticket_id"]) == (ticket["source"], ticket["source_id"])


def checked(line: Line) -> dict[str, Any]:
    """A line with its moments as moments, and without what it does not say.

    Raises:
        LineError: It is none of ours.
    """
    fields = TYPES.get(str(line.get("type", "")))
    if fields is None:
        raise LineError("there is no such type of line")
    found: dict[str, Any] = {"type": line["type"]}
    if not isinstance(line.get("source"), str) or not _SOURCE.fullmatch(line["source"]):
        raise LineError("its source is not a name like rt or zammad:desk.example.org")
    found["source"] = line["source"]
    if not isinstance(line.get("source_id"), str | int) or not str(line["source_id"]).strip():
        raise LineError("it has no source_id")
    found["source_id"] = str(line["source_id"])
    for name, known in fields.items():
        value = _value(name, known, line.get(name))
        if value is None and known.needed:
            raise LineError(f"it does not say {name}")
        if value is not None:
            found[name] = value
    return found


def is_source(name: str) -> bool:
    """Whether a system can be called so in lines."""
    return _SOURCE.fullmatch(name) is not None


def unknown_fields(line: Line) -> list[str]:
    """The fields of a line that are left out."""
    known = {*TYPES.get(line.get("type", ""), ()), "type", "version", "source", "source_id"}
    return [name for name in line if name not in known]


def _value(name: str, known: Field, value: object) -> Any:  # noqa: ANN401  # what it holds
    if value is None or (value == "" and not known.needed):
        return None
    if known.holds is Holds.MOMENT:
        return moment(value, name)
    if known.holds is Holds.REFERENCE and isinstance(value, str | int):
        return str(value)
    right: tuple[type, ...] = {Holds.NUMBER: (int,), Holds.DATA: (dict,)}.get(known.holds, (str,))
    if not isinstance(value, right) or isinstance(value, bool):
        raise LineError(f"{name} is not a {known.holds}")
    if known.among and value not in known.among:
        raise LineError(f"{name} is none of {', '.join(known.among)}")
    if name == "stored_as" and (not _STORED.fullmatch(str(value)) or ".." in str(value)):
        raise LineError("stored_as names no file beside the lines")
    return value


def moment(value: object, name: str = "it") -> datetime:
    """A moment in UTC as it is written in JSON; one without a zone counts as UTC. Raises LineError."""
    try:
        found = datetime.fromisoformat(str(value).strip())
        found = (found.replace(tzinfo=UTC) if found.tzinfo is None else found).astimezone(UTC)
    except (ValueError, OverflowError):
        raise LineError(f"{name} is not a moment like 2031-05-04T09:30:00+00:00") from None
    if not date(1970, 1, 1) <= found.date() < date(9000, 1, 1):
        raise LineError(f"{name} is too long ago or too far away")
    return found


def known_as(source_id: str) -> str:
    """The name of a thing there as it is kept here: hashed where it is long, or may be a person's address."""
    if len(source_id) <= _LONGEST_ID and "@" not in source_id:
        return source_id
    return hashlib.sha256(source_id.encode(errors="replace")).hexdigest()[:_LONGEST_ID]


def schema() -> dict[str, Any]:
    """The JSON Schema of a line."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line that a ticket or a part of it moves into paidsupport as",
        "type": "object",
        "required": ["type", "source", "source_id"],
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in TYPES],
        "$defs": {name: _described(name, fields) for name, fields in TYPES.items()},
    }


def _described(name: str, fields: Mapping[str, Field]) -> dict[str, Any]:
    own = {
        "type": {"const": name},
        "version": {"const": 1},
        "source": {"type": "string", "pattern": f"^{_SOURCE.pattern}$"},
        "source_id": {"type": ["string", "integer"]},
    }
    needed = [each for each, known in fields.items() if known.needed]
    return {
        "type": "object",
        "required": ["type", "source", "source_id", *needed],
        "properties": own | {each: _property(each, known) for each, known in fields.items()},
    }


def _property(name: str, known: Field) -> dict[str, Any]:
    kinds: Mapping[Holds, dict[str, Any]] = {
        Holds.TEXT: {"type": "string"},
        Holds.NUMBER: {"type": "integer"},
        Holds.MOMENT: {"type": "string", "format": "date-time"},
        Holds.REFERENCE: {"type": ["string", "integer"], "x-refers-to": known.to},
        Holds.DATA: {"type": "object"},
    }
    told = dict(kinds[known.holds])
    if known.among:
        told["enum"] = list(known.among)
    if name == "stored_as":
        told["pattern"] = f"^{_STORED.pattern}$"
    if known.needed:
        return told
    if known.among:
        told["enum"] = [*known.among, None]
    either = told["type"] if isinstance(told["type"], list) else [told["type"]]
    return {**told, "type": [*either, "null"]}
