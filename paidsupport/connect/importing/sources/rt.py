"""Request Tracker 5, over its REST 2: what was said is in attachments of transactions.

Addresses in its answers (`_url`) are never followed: they name the server as it knows itself.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import IO, Any
from urllib.parse import quote

from paidsupport.connect.importing.rules import Given, Remark, moment
from paidsupport.connect.importing.sources.asking import Asking
from paidsupport.connect.importing.sources.kinds import Wanted
from paidsupport.connect.importing.sources.places import Waiting
from paidsupport.intake.mail.pages import text_of
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _

_API = "/REST/2.0"
_PAGE = 100
#: What its moments say for “never”.
_NEVER = "1970-01-01T00:00:00Z"
_OPEN = {"new": "unassigned", "open": "pending", "stalled": "pending"}
_CLOSED = ("resolved", "rejected", "deleted")
_NOBODY = ("Nobody", "RT_System", "")
#: What its transactions are: said to the customer, or among staff.
_SAID = ("Create", "Correspond", "Comment")
#: Changes that are told, by their field; others are steps within Request Tracker.
_TOLD = {"Status": "status", "Queue": "queue", "Priority": "priority", "Subject": "subject"}
_TRANSACTION = "Type,Creator,Created,Field,OldValue,NewValue,TimeTaken"
_ATTACHMENT = "ContentType,Filename,TransactionId"
#: Fields of tickets that stay behind, with what is in them when there is nothing.
_LEFT = {"Due": _NEVER, "Starts": _NEVER, "TimeEstimated": "0", "TimeLeft": "0", "FinalPriority": "0"}
#: Links to other tickets, which stay behind.
_LINKS = ("depends-on", "refers-to", "parent")
_NEEDS_NAME = _("Enter the user name and the password, or a token.")


class RequestTracker:
    """One Request Tracker. The secret is a token, or `name:password`."""

    def __init__(self, wanted: Wanted) -> None:
        if not wanted.secret:
            raise InvalidInputError({"secret": [_NEEDS_NAME]})
        pair = base64.b64encode(wanted.secret.encode()).decode()
        told = f"Basic {pair}" if ":" in wanted.secret else f"token {wanted.secret}"
        private = bool(wanted.services.settings.connections_private)
        sleep = wanted.options.get("sleep")
        more = {"sleep": sleep} if sleep else {}
        self._asking = Asking(wanted.options.get("url", ""), {"Authorization": told}, private=private, **more)
        self._source = wanted.source
        self._waiting = Waiting()
        self._users: dict[str, Mapping[str, Any]] = {}
        self._queues: dict[str, str] = {}
        self._told: set[str] = set()

    def given(self, after: str) -> Iterator[Given]:
        """All tickets behind this one, by their numbers."""
        last = int(after) if after.isascii() and after.isdigit() else 0
        while True:
            query = {"query": f"id > {last}", "orderby": "id", "order": "ASC", "per_page": _PAGE}
            found = self._asking.json(f"{_API}/tickets", **query)
            numbers = sorted(int(each["id"]) for each in found.get("items", ()))
            if not numbers or numbers[-1] <= last:
                return
            for number in numbers:
                self._waiting.next()
                yield from self._ticket(number)
            last = numbers[-1]

    def open(self, name: str) -> IO[bytes]:
        """The content of an attachment, fetched when it is asked for."""
        return self._waiting.open(name)

    def close(self) -> None:
        """Nothing is held."""

    def _ticket(self, number: int) -> Iterator[Given]:
        found = self._asking.json(f"{_API}/ticket/{number}")
        key = str(number)
        merged = str(_id(found.get("EffectiveId")) or key)
        if merged != key:
            yield Remark("line", "it was merged into another ticket", key)
            return
        yield from self._remarks(key, found)
        owner = yield from self._person(_id(found.get("Owner")))
        status = str(found.get("Status", ""))
        part = "closed" if status in _CLOSED else _OPEN.get(status, "unassigned")
        if status not in {*_CLOSED, *_OPEN}:
            yield Remark("status", status[:40], key)
        customer = next((_id(each) for each in _several(found.get("Requestor"))), "")
        user = self._user(customer)
        address = user.get("EmailAddress") or customer
        yield {
            "type": "ticket",
            "source": self._source,
            "source_id": key,
            "service_name": self._queue(_id(found.get("Queue"))),
            "state": status,
            "part": ("pending" if owner else "unassigned") if part != "closed" else part,
            "summary": found.get("Subject") or "",
            "customer_name": user.get("RealName") or "",
            "customer_email": address if "@" in address else "",
            "priority": _priority(found.get("Priority")),
            "owner_id": owner,
            "submitted_at": found.get("Created"),
            "ended_at": _moment(found.get("Resolved")) or found.get("LastUpdated"),
        }
        attached = self._attachments(number)
        for each in self._pages(f"{_API}/ticket/{number}/history", _TRANSACTION):
            yield from self._transaction(key, each, attached.get(str(each["id"]), ()))

    def _remarks(self, key: str, found: Mapping[str, Any]) -> Iterator[Remark]:
        for name, nothing in _LEFT.items():
            if found.get(name) not in {None, "", nothing}:
                yield Remark("field", f"ticket.{name}", key)
        for each in found.get("CustomFields") or ():
            if isinstance(each, Mapping) and each.get("values"):
                yield Remark("field", f"ticket.CustomField.{str(each.get('name', ''))[:60]}", key)
        for each in found.get("_hyperlinks") or ():
            if isinstance(each, Mapping) and each.get("ref") in _LINKS:
                yield Remark("field", f"ticket.{each['ref']}", key)
        for name in ("Cc", "AdminCc"):
            if found.get(name):
                yield Remark("field", f"ticket.{name}", key)

    def _transaction(
        self, ticket: str, found: Mapping[str, Any], attached: Sequence[Mapping[str, Any]]
    ) -> Iterator[Given]:
        key, kind, at = str(found["id"]), found.get("Type"), found.get("Created")
        own = {"source": self._source, "ticket_id": ticket}
        if kind in _SAID:
            yield from self._saying(own, key, str(kind), found, attached)
        field = "Status" if kind == "Status" else found.get("Field")
        if kind in {"Status", "Set"} and field in _TOLD:
            before, after = str(found.get("OldValue") or ""), str(found.get("NewValue") or "")
            if field == "Queue":
                before, after = self._queue(before), self._queue(after)
            person = yield from self._person(_id(found.get("Creator")))
            yield {
                **own,
                "type": "ticket_event",
                "source_id": f"{key}-change",
                "kind": _TOLD[field],
                "at": at,
                "actor_id": person,
                "actor_name": "" if person else "Request Tracker",
                "data": {"before": before, "after": after},
            }
        minutes = int(found.get("TimeTaken") or 0)
        if minutes > 0:
            person = yield from self._person(_id(found.get("Creator")))
            ended = moment(at)
            yield {
                **own,
                "type": "work",
                "source_id": f"{key}-work",
                "person_id": person,
                "started_at": (ended - timedelta(minutes=minutes)).isoformat(),
                "ended_at": ended.isoformat(),
            }

    def _saying(
        self,
        own: Mapping[str, Any],
        key: str,
        kind: str,
        found: Mapping[str, Any],
        attached: Sequence[Mapping[str, Any]],
    ) -> Iterator[Given]:
        """What was said in a transaction, and the files that came with it."""
        at, name = found.get("Created"), _id(found.get("Creator"))
        texts = [each for each in attached if not each.get("Filename") and _is_text(each)]
        files = [each for each in attached if each.get("Filename") or not (_is_text(each) or _is_many(each))]
        body = self._text(texts)
        staff = bool(self._user(name).get("Privileged"))
        came_with = {}
        if body or files:
            person = (yield from self._person(name)) if staff or kind == "Comment" else None
            line = {**own, "source_id": key, "author_id": person, "body": body or "…", "at": at}
            if kind == "Comment":
                came_with = {"annotation_id": key}
                yield {**line, "type": "annotation"}
            else:
                came_with = {"message_id": key}
                said = self._user(name).get("RealName") or name
                yield {**line, "type": "message", "direction": "out" if staff else "in", "author_name": said}
        for each in files:
            number = str(each["id"])
            stored = self._waiting.put(lambda number=number: self._content(number))  # type: ignore[misc]  # one for each
            yield {
                **own,
                "type": "file",
                "source_id": number,
                **came_with,
                "stored_as": stored,
                "at": at,
                "name": each.get("Filename") or f"attachment-{number}",
            }

    def _text(self, texts: Sequence[Mapping[str, Any]]) -> str:
        """The plain text of a message; of one that has none, that of its page."""
        plain = [each for each in texts if each["ContentType"] == "text/plain"]
        said = []
        for each in plain or texts[:1]:
            with self._content(str(each["id"])) as content:
                text = content.read().decode("utf-8", "replace")
            said.append(text_of(text) if each["ContentType"] == "text/html" else text)
        return "\n\n".join(text.strip() for text in said if text.strip())

    def _content(self, number: str) -> IO[bytes]:
        """The content of an attachment."""
        try:
            found = self._asking.json(f"{_API}/attachment/{int(number)}")
        except InvalidInputError as error:
            raise FileNotFoundError(number) from error
        try:
            return io.BytesIO(base64.b64decode(found.get("Content") or ""))
        except (binascii.Error, ValueError):
            raise FileNotFoundError(number) from None

    def _attachments(self, number: int) -> dict[str, list[Mapping[str, Any]]]:
        """The attachments of a ticket by their transactions, without their contents."""
        rows = list(self._pages(f"{_API}/ticket/{number}/attachments", _ATTACHMENT))
        rows.sort(key=lambda each: (_number(each.get("TransactionId")), int(each["id"])))
        grouped = groupby(rows, key=lambda each: str(_number(each.get("TransactionId"))))
        return {name: list(several) for name, several in grouped}

    def _pages(self, path: str, fields: str) -> Iterator[Mapping[str, Any]]:
        page = 1
        while True:
            found = self._asking.json(path, fields=fields, per_page=_PAGE, page=page)
            yield from found.get("items", ())
            if page >= int(found.get("pages") or 1):
                return
            page += 1

    def _person(self, name: str) -> Generator[Given, None, str | None]:
        """A person, told once; returns their name there."""
        if name in _NOBODY:
            return None
        if name not in self._told:
            self._told.add(name)
            user = self._user(name)
            said = {"name": user.get("RealName") or name, "email": user.get("EmailAddress") or ""}
            yield {"type": "person", "source": self._source, "source_id": name, **said}
        return name

    def _user(self, name: str) -> Mapping[str, Any]:
        if name in _NOBODY:
            return {}
        if name not in self._users:
            if len(self._users) > 5000:  # noqa: PLR2004  # they are asked for again
                self._users.clear()
            try:
                self._users[name] = self._asking.json(f"{_API}/user/{quote(name, safe='@')}")
            except InvalidInputError as error:
                if "secret" in error.problems:
                    raise
                self._users[name] = {}
        return self._users[name]

    def _queue(self, number: str) -> str:
        if number and number.isascii() and number.isdigit() and number not in self._queues:
            self._queues[number] = str(self._asking.json(f"{_API}/queue/{number}").get("Name") or number)
        return self._queues.get(number, number)


def _id(found: object) -> str:
    """What something is called: `{"id": …}`, or the id itself."""
    return str(found.get("id") or "") if isinstance(found, Mapping) else str(found or "")


def _several(found: object) -> Sequence[object]:
    return found if isinstance(found, list) else [found] if found else []


def _number(found: object) -> int:
    text = _id(found)
    return int(text) if text.isascii() and text.isdigit() else 0


def _is_text(found: Mapping[str, Any]) -> bool:
    return str(found.get("ContentType", "")).startswith("text/")


def _is_many(found: Mapping[str, Any]) -> bool:
    return str(found.get("ContentType", "")).startswith(("multipart/", "message/"))


def _moment(said: object) -> str | None:
    return None if said in {None, "", _NEVER} else str(said)


def _priority(said: object) -> int:
    """Its numbers go up with the urgency, and 0 is what most tickets have."""
    number = _number(said)
    steps = ((90, 1), (50, 2))
    return next((priority for least, priority in steps if number >= least), 3)


def opened(wanted: Wanted) -> RequestTracker:
    """The source."""
    return RequestTracker(wanted)
