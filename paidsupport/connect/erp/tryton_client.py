"""Requests to the REST interface of Tryton 8, told apart by what came of them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from paidsupport.connect.erp import sentences
from paidsupport.connect.outgoing import Answer, BrokenOffError, Line, NotReachedError, json_of
from paidsupport.kernel.i18n.stored import filled
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

Shape = dict[str, Any]

#: Seconds to wait for a connection and for an answer: the first one after a start takes Tryton some.
TIMEOUT = (4.0, 30.0)
#: How much is kept of what Tryton says of a problem.
_LONGEST = 500
#: What is answered by the one that was asked, and by servers in front of it.
_FINE, _LATER, _UNKNOWN = frozenset({200, 204}), frozenset({429, 503}), frozenset({408, 409})


class RefusedError(NotSentError):
    """Tryton did nothing, for a reason of its own: the same again would be refused again."""


class Client:
    """Asks Tryton as one of its users.

    Args:
        line: The way to it, with `TIMEOUT`.
        database: The name of its database.
        key: The key that the user was given for REST.

    Attributes:
        context: What holds for all requests: the user's company.
    """

    def __init__(self, line: Line, database: str, key: str) -> None:
        self._line = line
        self._base = f"/{quote(database, safe='')}/rest/model"
        self._key = key
        self.context: Mapping[str, object] = {}

    def search(self, model: str, domain: Sequence[object], *fields: str) -> list[Shape]:
        """Records with some of their fields, oldest first. Raises NotSentError."""
        query = {"d": _encoded(domain), "o": _encoded([["id", "ASC"]]), "f": list(fields)}
        found = self._read("GET", model, f"?{urlencode(query, doseq=True)}")
        if not isinstance(found, list) or not all(isinstance(each, dict) and "id" in each for each in found):
            raise NotSentError(sentences.UNREADABLE, permanent=False)
        return found

    def call(self, model: str, method: str, content: Mapping[str, object]) -> Shape:
        """Ask something that changes nothing. Raises NotSentError."""
        found = self._read("POST", model, f"/{method}", content)
        if not isinstance(found, dict):
            raise NotSentError(sentences.UNREADABLE, permanent=False)
        return found

    def create(self, model: str, values: Mapping[str, object]) -> int:
        """Make a record; its number. Raises NotSentError, UnclearError."""
        found = self._ask("POST", model, "", values)
        if not isinstance(found, dict) or not isinstance(found.get("id"), int):
            raise UnclearError(sentences.UNREADABLE)
        return int(found["id"])

    def change(self, model: str, number: int, values: Mapping[str, object]) -> None:
        """Change a record. Raises NotSentError, UnclearError."""
        self._ask("PUT", model, f"/{number}", values)

    def press(self, model: str, number: int, button: str) -> None:
        """Press a button of a record. Raises NotSentError, UnclearError."""
        self._ask("POST", model, f"/{number}/{button}", {})

    def delete(self, model: str, number: int) -> None:
        """Remove a record. Raises NotSentError, UnclearError."""
        self._ask("DELETE", model, f"/{number}")

    def _read(
        self, method: str, model: str, after: str, content: Mapping[str, object] | None = None
    ) -> object:
        try:
            return self._ask(method, model, after, content)
        except UnclearError as error:
            # nothing was to be done but reading
            raise NotSentError(str(error), permanent=False) from error

    def _ask(
        self, method: str, model: str, after: str, content: Mapping[str, object] | None = None
    ) -> object:
        headers = {
            "Authorization": f"Bearer {self._key}",
            "X-Tryton-Context": _encoded(self.context),
            "Accept-Language": "en",
            "Content-Type": "application/json",
        }
        body = None if content is None else json.dumps(content).encode()
        path = f"{self._base}/{model}{after}"
        try:
            answer = self._line.ask(method, path, headers=headers, body=body)
        except NotReachedError as error:
            said = filled(sentences.UNREACHED, error=error.error or error.why.name)
            raise NotSentError(said, permanent=False) from error
        except BrokenOffError as error:
            raise UnclearError(filled(sentences.BROKEN, error=error.error)) from error
        return _content(answer, model, is_of_record=after[1:2].isdigit())


def decimal(amount: object) -> Shape:
    """An exact number, as Tryton writes it."""
    return {"__class__": "Decimal", "decimal": str(amount)}


def _content(answer: Answer, model: str, *, is_of_record: bool) -> object:
    """What Tryton answered. Raises NotSentError, UnclearError."""
    status, found = answer.status, None
    if answer.is_redirect:
        raise NotSentError(sentences.REDIRECTED, permanent=False)
    try:
        found = json_of(answer.body) if answer.body else None
    except ValueError as error:
        if status in _FINE:
            raise UnclearError(sentences.UNREADABLE) from error
    if status in _FINE:
        return found
    if status in _UNKNOWN or not 400 <= status < 500:  # noqa: PLR2004  # the range is the rule
        if _is_unknown_model(answer, model):
            raise NotSentError(filled(sentences.NO_MODULE, model=model), permanent=False)
        raise UnclearError(filled(sentences.ANSWERED, status=status))
    raise _refusal(status, found, is_of_record=is_of_record)


def _refusal(status: int, found: object, *, is_of_record: bool) -> NotSentError:
    """What it means that Tryton did nothing."""
    said = found.get("message") if isinstance(found, dict) else None
    if isinstance(said, str) and said:
        tidy = "".join(each if each.isprintable() else " " for each in said)
        return RefusedError(filled(sentences.REFUSED, said=tidy[:_LONGEST]), permanent=True)
    if status == 404 and is_of_record:  # noqa: PLR2004  # not found
        return RefusedError(sentences.GONE, permanent=True)
    usual = {401: sentences.KEY_REFUSED, 403: sentences.NOT_ALLOWED, 404: sentences.NOT_THERE}
    # a manager mends most of it here or over there, and then it goes on by itself
    return NotSentError(usual.get(status) or filled(sentences.ANSWERED, status=status), permanent=False)


def _is_unknown_model(answer: Answer, model: str) -> bool:
    """Whether it failed because there is no such model, which it names in its own way."""
    return answer.status == 500 and f"&#39;{model}&#39;".encode() in answer.body  # noqa: PLR2004  # its status for it


def _encoded(content: object) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode()
