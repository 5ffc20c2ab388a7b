"""django-helpdesk, as `manage.py dumpdata` writes it: one array of JSON, in any order.

It is read once, object by object, into a temporary file that finds what belongs to a ticket: no part of it
stays in memory.
"""

from __future__ import annotations

import codecs
import json
import re
import sqlite3
import tempfile
from collections.abc import Generator, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from paidsupport.connect.importing.rules import Given, LineError, Remark, moment
from paidsupport.connect.importing.sources.kinds import Wanted
from paidsupport.connect.importing.sources.places import Place, Waiting
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _

_CHUNK = 256 * 1024
_LARGEST = 64 * 1024 * 1024
_STATES = {1: "open", 2: "reopened", 3: "resolved", 4: "closed", 5: "duplicate"}
_OPEN = (1, 2)
#: What the priorities of 1 (critical) to 5 (very low) are here.
_PRIORITIES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 4}
#: Fields that stay behind, and are said if there is anything in them.
_LEFT = ("due_date", "merged_to", "kbitem", "on_hold", "extra_data")
_TICKET, _FOLLOWUP, _FILE = "helpdesk.ticket", "helpdesk.followup", "helpdesk.followupattachment"
#: Models that belong to no ticket, or open something.
_SILENT = frozenset({"helpdesk.queue", "auth.user", "helpdesk.usersettings"})
_DURATION = re.compile(r"(?:P?(\d+)(?: days?,?|D)?[ T]+)?(\d+):(\d+):(\d+)(?:\.\d+)?")
_ISO = re.compile(r"P(\d+)DT(\d+)H(\d+)M(\d+)(?:\.\d+)?S")
_NO_JSON = _("This isn't a file that dumpdata writes. It has to be an array of JSON.")


class Helpdesk:
    """A dump, with its attachments beside it: in the folder `media`, or as their paths say."""

    def __init__(self, wanted: Wanted) -> None:
        self._source = wanted.source
        self._place = Place(wanted.path, (".json",))
        self._waiting = Waiting()
        self._folder = tempfile.TemporaryDirectory(prefix="paidsupport-import-")
        self._found = sqlite3.connect(Path(self._folder.name, "dump"), check_same_thread=False)
        self._found.execute("CREATE TABLE found (model TEXT, key TEXT, owner TEXT, object TEXT)")
        self._users: dict[str, dict[str, Any]] = {}
        self._queues: dict[str, str] = {}
        self._told: set[str] = set()
        self._read = False

    def given(self, after: str) -> Iterator[Given]:
        """All tickets, in the order of their numbers."""
        del after
        if not self._read:
            yield from self._index()
            self._read = True
        tickets = self._found.cursor().execute(
            "SELECT object FROM found WHERE model = ? ORDER BY CAST(key AS INTEGER), key", (_TICKET,)
        )
        for (text,) in tickets:
            self._waiting.next()
            found = json.loads(text)
            yield from self._ticket(str(found["pk"]), found["fields"])

    def open(self, name: str) -> IO[bytes]:
        """The content of an attachment."""
        return self._waiting.open(name)

    def close(self) -> None:
        """Delete the temporary file."""
        self._found.close()
        self._folder.cleanup()
        self._place.close()

    def _index(self) -> Iterator[Given]:
        counts: dict[str, int] = {}
        with self._place.main() as source:
            for each in objects(source):
                model, key, fields = each.get("model"), str(each.get("pk", "")), each.get("fields")
                if not isinstance(model, str) or not isinstance(fields, dict):
                    raise InvalidInputError({"file": [_NO_JSON]})
                if model == "auth.user":
                    self._users[key] = self._users[str(fields.get("username", ""))] = fields
                elif model == "helpdesk.queue":
                    self._queues[key] = self._queues[_natural(fields.get("slug"))] = str(fields.get("title"))
                elif model in {_TICKET, _FOLLOWUP, _FILE}:
                    owner = _natural(fields.get("ticket") or fields.get("followup") or "")
                    row = (model, key, owner, json.dumps(each))
                    self._found.execute("INSERT INTO found VALUES (?, ?, ?, ?)", row)
                elif model not in _SILENT:
                    counts[model] = counts.get(model, 0) + 1
        self._found.execute("CREATE INDEX by_owner ON found (model, owner)")
        for model in counts:
            yield Remark("field", model[:80])

    def _ticket(self, key: str, fields: Mapping[str, Any]) -> Iterator[Given]:
        status: int = fields.get("status") or 0
        if status not in _STATES:
            yield Remark("status", str(status)[:40], key)
        for name in _LEFT:
            if fields.get(name):
                yield Remark("field", f"ticket.{name}", key)
        owner = yield from self._person(fields.get("assigned_to"))
        is_open = status in _OPEN or status not in _STATES
        address = fields.get("submitter_email") or ""
        own = {"source": self._source, "ticket_id": key}
        queue = _natural(fields.get("queue"))
        yield {
            "type": "ticket",
            "source": self._source,
            "source_id": key,
            "service_name": self._queues.get(queue, queue),
            "state": _STATES.get(status, ""),
            "part": ("pending" if owner else "unassigned") if is_open else "closed",
            "summary": fields.get("title") or "",
            "customer_email": address,
            "priority": _PRIORITIES.get(fields.get("priority") or 0, 3),
            "owner_id": owner,
            "submitted_at": fields.get("created"),
            "ended_at": None if is_open else fields.get("modified"),
        }
        if fields.get("description"):
            yield {
                **own,
                "type": "message",
                "source_id": f"{key}-description",
                "direction": "in",
                "author_name": address,
                "body": fields["description"],
                "at": fields.get("created"),
            }
        rows = self._found.execute(
            "SELECT object FROM found WHERE model = ? AND owner = ? ORDER BY CAST(key AS INTEGER)",
            (_FOLLOWUP, key),
        )
        for (text,) in rows.fetchall():
            found = json.loads(text)
            yield from self._followup(own, str(found["pk"]), found["fields"])
        if fields.get("resolution"):
            at = fields.get("modified") or fields.get("created")
            body = f"Resolution: {fields['resolution']}"
            yield {
                **own,
                "type": "annotation",
                "source_id": f"{key}-resolution",
                "at": at,
                "body": body,
                "author_name": self._source,
            }

    def _followup(self, own: Mapping[str, Any], key: str, fields: Mapping[str, Any]) -> Iterator[Given]:
        person = yield from self._person(fields.get("user"))
        at, comment = fields.get("date"), fields.get("comment") or ""
        title = fields.get("title") or ""
        if fields.get("new_status"):
            after = _STATES.get(fields["new_status"], str(fields["new_status"]))
            yield {
                **own,
                "type": "ticket_event",
                "source_id": f"{key}-status",
                "kind": "status",
                "at": at,
                "actor_id": person,
                "data": {"after": after},
            }
        came_with = {}
        if comment.strip() and fields.get("public"):
            came_with = {"message_id": key}
            customer = person is None or not self._is_staff(fields.get("user"))
            yield {
                **own,
                "type": "message",
                "source_id": key,
                "direction": "in" if customer else "out",
                "author_id": None if customer else person,
                "body": comment,
                "at": at,
            }
        elif comment.strip() or title.strip():
            came_with = {"annotation_id": key}
            yield {
                **own,
                "type": "annotation",
                "source_id": key,
                "author_id": person,
                "at": at,
                "body": comment.strip() or title,
                "author_name": "" if person else self._source,
            }
        if spent := duration(fields.get("time_spent")):
            try:
                ended = moment(at)
            except LineError:
                return
            yield {
                **own,
                "type": "work",
                "source_id": f"{key}-work",
                "person_id": person,
                "what": title,
                "started_at": (ended - spent).isoformat(),
                "ended_at": ended.isoformat(),
            }
        rows = self._found.execute("SELECT object FROM found WHERE model = ? AND owner = ?", (_FILE, key))
        for (text,) in rows.fetchall():
            found = json.loads(text)
            path = str(found["fields"].get("file") or "")
            name = found["fields"].get("filename") or path.rpartition("/")[2] or "file"
            stored = self._waiting.put(lambda path=path: self._attached(path))  # type: ignore[misc]  # one for each
            yield {
                **own,
                "type": "file",
                "source_id": str(found["pk"]),
                **came_with,
                "name": name,
                "stored_as": stored,
                "at": at,
                "audience": "customer" if fields.get("public") else "desk",
            }

    def _attached(self, path: str) -> IO[bytes]:
        try:
            return self._place.beside(path)
        except OSError:
            return self._place.beside(f"media/{path}")

    def _person(self, named: object) -> Generator[Given, None, str | None]:
        """A person, told once; returns their id."""
        key = _natural(named)
        if not key:
            return None
        user = self._users.get(key, {})
        key = str(user.get("username") or key)
        if key not in self._told:
            self._told.add(key)
            name = f"{user.get('first_name', '')} {user.get('last_name', '')}".strip() or key
            email = user.get("email") or ""
            yield {"type": "person", "source": self._source, "source_id": key, "name": name, "email": email}
        return key

    def _is_staff(self, named: object) -> bool:
        """Whether a user works there; where the dump has no users, whoever signed in did."""
        user = self._users.get(_natural(named))
        return user is None or bool(user.get("is_staff", True) or user.get("is_superuser"))


def _natural(key: object) -> str:
    """A key, or a natural one, as text."""
    if isinstance(key, list):
        return str(key[0]) if key else ""
    return "" if key is None else str(key)


def objects(source: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The objects of an array of JSON, one after the other.

    Raises:
        InvalidInputError: It is no such array.
    """
    read = codecs.getincrementaldecoder("utf-8-sig")("replace")
    decoder, text, begun, ended, wanted = json.JSONDecoder(), "", False, False, 1
    while True:
        text = text.lstrip(" \t\r\n,")
        if begun and text.startswith("]"):
            return
        if not begun and text.startswith("["):
            text, begun = text[1:], True
            continue
        if text and (len(text) >= wanted or ended):
            try:
                found, end = decoder.raw_decode(text)
            except (ValueError, RecursionError):
                found, end = None, 0
                # it goes on: look again once there is twice as much of it
                wanted = 2 * len(text)
            if not begun or (end and not isinstance(found, dict)):
                break
            if isinstance(found, dict):
                text, wanted = text[end:], 1
                yield found
                continue
        if ended or len(text) > _LARGEST:
            break
        piece = source.read(_CHUNK)
        text, ended = text + read.decode(piece, final=not piece), not piece
    raise InvalidInputError({"file": [_NO_JSON]})


def duration(text: object) -> timedelta | None:
    """A length of time as Django writes it; None if there is none."""
    found = _ISO.fullmatch(str(text or "")) or _DURATION.fullmatch(str(text or ""))
    if not found:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) or None


def opened(wanted: Wanted) -> Helpdesk:
    """The source."""
    return Helpdesk(wanted)
