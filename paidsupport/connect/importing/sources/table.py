"""A table as CSV: its columns are what was chosen for them; rows with one number are one ticket."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Any

from paidsupport.connect.importing.rules import Given, LineError, Remark, moment
from paidsupport.connect.importing.sources.kinds import Wanted
from paidsupport.connect.importing.sources.places import Place
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _

#: What a column can be, with what it is called on the page.
FIELDS: Mapping[str, str] = {
    "source_id": _("Number"),
    "summary": _("Subject"),
    "body": _("Message of the customer"),
    "answer": _("Answer"),
    "annotation": _("Annotation"),
    "customer_name": _("Customer’s name"),
    "customer_email": _("Customer’s email address"),
    "submitted_at": _("Date"),
    "ended_at": _("End"),
    "state": _("Status"),
    "service_name": _("Queue"),
    "owner": _("Owner’s email address"),
    "priority": _("Priority"),
    "tags": _("Tags"),
}
#: What a column is taken for by its name.
_GUESSED: Mapping[str, Sequence[str]] = {
    "source_id": ("id", "number", "no", "nr", "ticket", "ticket id", "key", "code"),
    "summary": ("subject", "title", "summary"),
    "body": ("body", "message", "description", "text", "content", "question"),
    "answer": ("answer", "reply", "resolution"),
    "annotation": ("annotation", "note", "notes", "comment", "comments", "internal note"),
    "customer_name": ("name", "customer", "requester", "customer name", "requestor", "from"),
    "customer_email": (
        "email",
        "e mail",
        "customer email",
        "requester email",
        "from email",
        "submitter email",
    ),
    "submitted_at": ("date", "created", "created at", "opened", "submitted at"),
    "ended_at": ("closed", "closed at", "resolved", "resolved at", "ended at"),
    "state": ("status", "state"),
    "service_name": ("queue", "group", "department", "category", "service"),
    "owner": ("owner", "assignee", "assigned to", "agent"),
    "priority": ("priority",),
    "tags": ("tags", "labels", "keywords"),
}
#: Words for states, in the languages that exports usually have.
_CLOSED = frozenset(
    {
        *("closed", "resolved", "solved", "done", "rejected", "deleted", "spam", "merged", "answered"),
        *("finished", "geschlossen", "erledigt", "gelöst", "fermé", "résolu", "clos", "cerrado", "resuelto"),
    }
)
_OPEN = frozenset(
    {
        *("open", "new", "reopened", "unassigned", "offen", "neu"),
        *("ouvert", "nouveau", "abierto", "nuevo"),
    }
)
_PENDING = frozenset(
    {
        *("pending", "waiting", "stalled", "assigned", "in-progress", "progress", "hold", "on-hold"),
        *("wartend", "zugewiesen", "en-cours"),
    }
)
_PRIORITIES = {"urgent": 1, "critical": 1, "highest": 1, "high": 2, "low": 4, "lowest": 4, "minor": 4}
#: How dates are written: the order of day, month and year.
ORDERS: Mapping[str, str] = {
    "ymd": _("Year, month, day"),
    "dmy": _("Day, month, year"),
    "mdy": _("Month, day, year"),
}
_PATTERNS = {"ymd": "%Y %m %d", "dmy": "%d %m %Y", "mdy": "%m %d %Y"}
_TIMES = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
_LARGEST = 16 * 1024 * 1024
_NO_HEADER = _("The first row has to name the columns.")
_NEEDED = _("Choose the columns with the number, the date, and the subject or the message.")


class Table:
    """A table with a row of headings."""

    def __init__(self, wanted: Wanted) -> None:
        self._source = wanted.source
        self._place = Place(wanted.path, (".csv", ".tsv", ".txt"))
        self._columns: Mapping[str, str] = wanted.options.get("columns", {})
        self._order: str = wanted.options.get("dates", "ymd")
        self._zone = wanted.services.hours
        self._told: set[str] = set()

    def given(self, after: str) -> Iterator[Given]:
        """All tickets, in the order of their rows."""
        del after
        with self._place.main() as source:
            rows = reader(source)
            chosen = chosen_columns(self._columns or guessed(rows.fieldnames or ()), rows.fieldnames or ())
            used = set(chosen.values())
            yield from (
                Remark("field", name[:80]) for name in rows.fieldnames or () if name and name not in used
            )
            before = ""
            for number, row in enumerate(rows, 2):
                said = {name: (row.get(column) or "").strip() for name, column in chosen.items()}
                key = said.get("source_id", "")
                if not key:
                    yield Remark("line", "it has no number", f"row {number}")
                    continue
                if key != before:
                    yield from self._ticket(key, said)
                yield from self._rest(key, number, said)
                before = key

    def open(self, name: str) -> IO[bytes]:
        """Tables have no files."""
        raise FileNotFoundError(name)

    def close(self) -> None:
        """Close the file."""
        self._place.close()

    def _ticket(self, key: str, said: Mapping[str, str]) -> Iterator[Given]:
        word = re.sub(r"[\s_]+", "-", said.get("state", "").casefold())
        part = "closed"
        if word in _OPEN:
            part = "unassigned"
        elif word in _PENDING:
            part = "pending"
        elif word and word not in _CLOSED:
            part = "unassigned"
            yield Remark("status", said["state"][:40], key)
        elif not word and "state" in said:
            part = "unassigned"
        owner = said.get("owner", "")
        if owner and owner not in self._told:
            self._told.add(owner)
            person = {"source": self._source, "source_id": owner, "name": owner}
            yield {"type": "person", **person, "email": owner if "@" in owner else ""}
        priority = said.get("priority", "").casefold()
        ended_at = self._moment(said.get("ended_at", ""))
        yield {
            "type": "ticket",
            "source": self._source,
            "source_id": key,
            "part": part,
            **{name: said.get(name) for name in ("summary", "customer_name", "customer_email")},
            "service_name": said.get("service_name"),
            "state": said.get("state"),
            "priority": _PRIORITIES.get(priority, int(priority) if re.fullmatch("[1-4]", priority) else 3),
            "owner_id": owner or None,
            "submitted_at": self._moment(said.get("submitted_at", "")),
            "ended_at": ended_at if part == "closed" else None,
        }
        for tag in re.split(r"[,;|]", said.get("tags", "")):
            if tag.strip():
                own = {"source": self._source, "source_id": f"{key}-{tag.strip()}", "ticket_id": key}
                yield {"type": "tag", **own, "name": tag.strip()}

    def _rest(self, key: str, number: int, said: Mapping[str, str]) -> Iterator[Given]:
        """What this row says besides: a message, an answer, an annotation."""
        at = self._moment(said.get("submitted_at", ""))
        end = self._moment(said.get("ended_at", "")) or at
        own: dict[str, Any] = {"source": self._source, "ticket_id": key}
        author = said.get("owner") or None
        if said.get("body"):
            message = {"type": "message", "source_id": f"{number}-body", "direction": "in", "at": at}
            yield {**own, **message, "author_name": said.get("customer_name"), "body": said["body"]}
        if said.get("answer"):
            message = {"type": "message", "source_id": f"{number}-answer", "direction": "out", "at": end}
            name = None if author else self._source
            yield {**own, **message, "author_id": author, "author_name": name, "body": said["answer"]}
        if said.get("annotation"):
            note = {"type": "annotation", "source_id": f"{number}-note", "at": end}
            name = None if author else self._source
            yield {**own, **note, "author_id": author, "author_name": name, "body": said["annotation"]}

    def _moment(self, typed: str) -> str | None:
        """A moment as JSON has it, by the desk's clock where it says no zone; as typed if it is none."""
        if not typed:
            return None
        found: datetime | None
        try:
            found = datetime.fromisoformat(typed)
        except ValueError:
            found = _dated(typed, _PATTERNS.get(self._order, _PATTERNS["ymd"]))
        if found is None:
            return typed
        if found.tzinfo is None:
            found = found.replace(tzinfo=self._zone.local(moment("2000-01-01")).tzinfo)
        try:
            return moment(found.isoformat()).isoformat()
        except LineError:
            return typed


def _dated(typed: str, pattern: str) -> datetime | None:
    spaced = re.sub(r"[./-]", " ", typed, count=2)
    spaced = re.sub(r"[,T\s]+", " ", spaced).strip()
    for time in _TIMES:
        try:
            return datetime.strptime(spaced, pattern + time)  # noqa: DTZ007  # its zone is added
        except ValueError:
            continue
    return None


def reader(source: IO[bytes]) -> csv.DictReader[str]:
    """The rows of a table, whatever its encoding and what is between its columns.

    Raises:
        InvalidInputError: There is no row of headings.
    """
    csv.field_size_limit(_LARGEST)
    first = source.read(64 * 1024)
    text = io.TextIOWrapper(_Joined(first, source), _encoding(first), "replace", newline="")  # type: ignore[type-var]  # it reads
    head = first.split(b"\n", 1)[0].decode("utf-8", "replace")
    between = max(",;\t|", key=head.count)
    rows = csv.DictReader(text, delimiter=between)
    try:
        names = [name for name in rows.fieldnames or () if name.strip()]
    except csv.Error:
        names = []
    if len(names) < 2:  # noqa: PLR2004  # one column is no table
        raise InvalidInputError({"file": [_NO_HEADER]})
    return rows


class _Joined(io.RawIOBase):
    """What was read already, and then the rest."""

    def __init__(self, first: bytes, rest: IO[bytes]) -> None:
        self._first, self._rest = io.BytesIO(first), rest

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:  # noqa: ANN401  # a buffer
        piece = self._first.read(len(target)) or self._rest.read(len(target))
        target[: len(piece)] = piece
        return len(piece)


def _encoding(first: bytes) -> str:
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        # the last character may be cut in two
        first[: max(len(first) - 4, 1)].decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8-sig" if error.start > len(first) - 8 else "cp1252"
    return "utf-8-sig"


def guessed(names: Sequence[str]) -> dict[str, str]:
    """The columns for the fields, by what they are called."""
    plain = {re.sub(r"[\W_]+", " ", name).strip().casefold(): name for name in names if name}
    found: dict[str, str] = {}
    for field, words in _GUESSED.items():
        if column := next((plain[word] for word in words if word in plain), ""):
            found[field] = column
    return found


def chosen_columns(columns: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """The chosen columns that the table has. Raises InvalidInputError (field `columns`)."""
    chosen = {field: name for field, name in columns.items() if field in FIELDS and name in names}
    if not {"source_id", "submitted_at"} <= chosen.keys() or not {"summary", "body"} & chosen.keys():
        raise InvalidInputError({"columns": [_NEEDED]})
    return chosen


def opened(wanted: Wanted) -> Table:
    """The source."""
    return Table(wanted)
