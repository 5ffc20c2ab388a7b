"""Requests to ERPs that speak JSON, told apart by what came of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from paidsupport.connect.erp import sentences
from paidsupport.connect.outgoing import Answer, BrokenOffError, Line, NotReachedError, json_of
from paidsupport.kernel.i18n.stored import filled
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

#: Seconds to wait for a connection and for an answer.
TIMEOUT = (4.0, 30.0)
#: How much is kept of what an ERP says of a problem.
_LONGEST = 500
_FINE, _BUSY = frozenset({200, 201}), 429
#: Nothing was done, but another attempt may do it.
_AGAIN = frozenset({401, 403, 404, 405})


class AbsentError(NotSentError):
    """An ERP says in its own words that it has no such thing."""


class JsonClient:
    """Asks one ERP.

    Args:
        line: The way to it, with `TIMEOUT`.
        headers: What says who asks.
        missing: What is said where nothing of it is.
        reason: Finds its own words in an answer that refuses.
    """

    def __init__(
        self,
        line: Line,
        headers: Mapping[str, str],
        *,
        missing: str,
        reason: Callable[[dict[str, Any]], object],
    ) -> None:
        self._line, self._missing, self._reason = line, missing, reason
        self._headers = {"Content-Type": "application/json; charset=utf-8", **headers}

    def read(self, method: str, path: str, content: Mapping[str, object] | None = None) -> object:
        """Ask something that changes nothing. Raises NotSentError."""
        try:
            return self.ask(method, path, content)
        except UnclearError as error:
            # nothing was to be done but reading
            raise NotSentError(str(error), permanent=False) from error

    def ask(self, method: str, path: str, content: Mapping[str, object] | None = None) -> object:
        """What was answered. Raises NotSentError, UnclearError."""
        body = None if content is None else json.dumps(content).encode()
        try:
            answer = self._line.ask(method, path, headers=self._headers, body=body)
        except NotReachedError as error:
            said = filled(sentences.UNREACHED, error=error.error or error.why.name)
            raise NotSentError(said, permanent=False) from error
        except BrokenOffError as error:
            raise UnclearError(filled(sentences.BROKEN, error=error.error)) from error
        return self._content(answer)

    def _content(self, answer: Answer) -> object:
        status, found = answer.status, None
        if answer.is_redirect:
            raise NotSentError(sentences.REDIRECTED, permanent=False)
        try:
            found = json_of(answer.body)
        except ValueError as error:
            if status in _FINE:
                raise UnclearError(sentences.UNREADABLE) from error
        if status in _FINE:
            return found
        if status == _BUSY:
            said = filled(sentences.ANSWERED, status=status)
            raise NotSentError(said, permanent=False, wait=answer.retry_after)
        if status in {408, 409} or not 400 <= status < 500:  # noqa: PLR2004  # the range is the rule
            raise UnclearError(filled(sentences.ANSWERED, status=status))
        raise self._refusal(status, found)

    def _refusal(self, status: int, found: object) -> NotSentError:
        if status == 401:  # noqa: PLR2004  # who are you?
            return NotSentError(sentences.KEY_REFUSED, permanent=False)
        said = self._reason(found) if isinstance(found, dict) else None
        if isinstance(said, str) and said:
            kind = AbsentError if status == 404 else NotSentError  # noqa: PLR2004  # not found
            return kind(filled(sentences.REFUSED, said=tidy(said)), permanent=status not in _AGAIN)
        usual = {403: sentences.NOT_ALLOWED, 404: self._missing}
        return NotSentError(usual.get(status) or filled(sentences.ANSWERED, status=status), permanent=False)


def tidy(said: str) -> str:
    """What an ERP says, on one line that is not too long."""
    return "".join(each if each.isprintable() else " " for each in said)[:_LONGEST]
