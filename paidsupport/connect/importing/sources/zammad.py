"""Zammad, over its API: tickets page by page, each with its articles, their attachments and its tags."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator, Mapping
from typing import IO, Any

from paidsupport.connect.importing.rules import Given, Remark
from paidsupport.connect.importing.sources.asking import Asking
from paidsupport.connect.importing.sources.kinds import Wanted
from paidsupport.connect.importing.sources.places import Waiting
from paidsupport.intake.mail.pages import text_of
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _

_API = "/api/v1"
_PAGE = 100
_CLOSED = ("closed", "merged", "removed")
_OPEN = ("new", "open", "pending reminder", "pending close")
#: The user that stands for “no owner”.
_NOBODY = 1
_PRIORITIES = {"1 low": 4, "2 normal": 3, "3 high": 2}
#: Fields that stay behind if there is anything in them.
_LEFT = ("pending_time", "escalation_at", "note")
_NEEDS_TOKEN = _("Enter the token.")


class Zammad:
    """One Zammad. The secret is an access token with the permission `ticket.agent`."""

    def __init__(self, wanted: Wanted) -> None:
        if not wanted.secret:
            raise InvalidInputError({"secret": [_NEEDS_TOKEN]})
        private = bool(wanted.services.settings.connections_private)
        sleep = wanted.options.get("sleep")
        more = {"sleep": sleep} if sleep else {}
        told = {"Authorization": f"Token token={wanted.secret}"}
        self._asking = Asking(wanted.options.get("url", ""), told, private=private, **more)
        self._source = wanted.source
        self._waiting = Waiting()
        self._users: dict[int, Mapping[str, Any]] = {}
        self._told: set[str] = set()

    def given(self, after: str) -> Iterator[Given]:
        """All tickets behind this one, as they are listed."""
        last = int(after) if after.isascii() and after.isdigit() else 0
        page = 1
        while True:
            found = self._asking.json(f"{_API}/tickets", page=page, per_page=_PAGE, expand="true")
            for ticket in sorted(found, key=lambda each: int(each["id"])):
                if int(ticket["id"]) > last:
                    self._waiting.next()
                    yield from self._ticket(ticket)
            if len(found) < _PAGE:
                return
            page += 1

    def open(self, name: str) -> IO[bytes]:
        """The content of an attachment, fetched when it is asked for."""
        return self._waiting.open(name)

    def close(self) -> None:
        """Nothing is held."""

    def _ticket(self, found: Mapping[str, Any]) -> Iterator[Given]:
        key, state = str(found["id"]), str(found.get("state") or "")
        for name in _LEFT:
            if found.get(name):
                yield Remark("field", f"ticket.{name}", key)
        if state not in {*_CLOSED, *_OPEN}:
            yield Remark("status", state[:40], key)
        is_open = state not in _CLOSED
        owner = yield from self._person(found.get("owner_id"))
        customer = self._user(found.get("customer_id"))
        own = {"source": self._source, "ticket_id": key}
        yield {
            "type": "ticket",
            "source": self._source,
            "source_id": key,
            "service_name": str(found.get("group") or ""),
            "state": state,
            "part": ("pending" if owner else "unassigned") if is_open else "closed",
            "summary": found.get("title") or "",
            "customer_name": _name(customer),
            "customer_email": customer.get("email") or "",
            "priority": _PRIORITIES.get(str(found.get("priority")), 3),
            "owner_id": owner,
            "submitted_at": found.get("created_at"),
            "ended_at": None if is_open else found.get("close_at") or found.get("updated_at"),
        }
        for article in self._asking.json(f"{_API}/ticket_articles/by_ticket/{key}", expand="true"):
            yield from self._article(own, article)
        tags = self._asking.json(f"{_API}/tags", object="Ticket", o_id=key).get("tags") or ()
        for tag in tags:
            yield {**own, "type": "tag", "source_id": f"{key}-{tag}", "name": str(tag)}

    def _article(self, own: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Given]:
        key, at = str(found["id"]), found.get("created_at")
        body = str(found.get("body") or "")
        if str(found.get("content_type")).startswith("text/html"):
            body = text_of(body)
        ours = found.get("sender") != "Customer"
        person = (yield from self._person(found.get("created_by_id"))) if ours else None
        line = {**own, "source_id": key, "author_id": person, "body": body.strip() or "…", "at": at}
        if found.get("internal") or found.get("sender") == "System":
            came_with = {"annotation_id": key}
            yield {**line, "type": "annotation", "author_name": "" if person else "Zammad"}
        else:
            came_with = {"message_id": key}
            said = "" if person else _name(self._user(found.get("created_by_id"))) or found.get("from") or ""
            yield {**line, "type": "message", "direction": "out" if ours else "in", "author_name": said}
        for each in found.get("attachments") or ():
            where = f"{_API}/ticket_attachment/{own['ticket_id']}/{key}/{int(each['id'])}"
            stored = self._waiting.put(lambda where=where: io.BytesIO(self._asking.content(where)))  # type: ignore[misc]  # one for each
            yield {
                **own,
                "type": "file",
                "source_id": str(each["id"]),
                **came_with,
                "stored_as": stored,
                "at": at,
                "name": str(each.get("filename") or f"attachment-{each['id']}"),
            }

    def _person(self, number: object) -> Generator[Given, None, str | None]:
        """A person, told once; returns their number there."""
        if not isinstance(number, int) or number <= _NOBODY:
            return None
        key = str(number)
        if key not in self._told:
            self._told.add(key)
            user = self._user(number)
            said = {"name": _name(user) or key, "email": user.get("email") or ""}
            yield {"type": "person", "source": self._source, "source_id": key, **said}
        return key

    def _user(self, number: object) -> Mapping[str, Any]:
        if not isinstance(number, int):
            return {}
        if number not in self._users:
            if len(self._users) > 5000:  # noqa: PLR2004  # they are asked for again
                self._users.clear()
            try:
                self._users[number] = self._asking.json(f"{_API}/users/{number}")
            except InvalidInputError as error:
                if "secret" in error.problems:
                    raise
                self._users[number] = {}
        return self._users[number]


def _name(user: Mapping[str, Any]) -> str:
    return f"{user.get('firstname') or ''} {user.get('lastname') or ''}".strip() or str(
        user.get("login") or ""
    )


def opened(wanted: Wanted) -> Zammad:
    """The source."""
    return Zammad(wanted)
