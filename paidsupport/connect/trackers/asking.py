"""Requests in JSON to a tracker, told apart by what came of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from paidsupport.connect.outgoing import Answer, BrokenOffError, Line, NotReachedError, json_of
from paidsupport.connect.trackers.protocol import GoneError, StaleError
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

_UNREACHED = storable(_("The tracker could not be reached: %(error)s."))
_BROKEN_OFF = storable(_("The connection to the tracker broke off: %(error)s."))
_REDIRECTED = storable(_("The tracker answered with a redirect, which is not followed. Check its address."))
_UNREADABLE = storable(_("The tracker's answer could not be read. Check its address."))
_TROUBLE = storable(_("The tracker answered with status %(status)s."))
_TOKEN = storable(_("The tracker does not accept the token."))
_FORBIDDEN = storable(_("The account of the token may not do this in the tracker."))
_GONE = storable(_("The tracker has no such issue, or the account of the token may not see it."))
_STALE = storable(_("The issue was changed in the tracker at the same time."))
_BUSY = storable(_("The tracker wants to be left alone for a while."))
_REFUSED = storable(_("The tracker refused it: %(why)s"))

#: The largest answer that is read: pages of issues may be long.
_LARGEST = 4 * 1024 * 1024
#: Seconds to wait for an answer: trackers send emails before they give one.
_PATIENCE = 20.0
#: How much is kept of what a tracker says of a problem, and for how long it may want to be left alone.
_LONGEST, _MOST_SECONDS = 300, 86_400
#: How long one that does not say it is left alone at least.
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Read:
    """A good answer: `content` is what its JSON held; None: it was empty."""

    status: int
    headers: Mapping[str, str]
    content: Any


#: Tells in words why a tracker refused something, from the content of its answer; empty: it does not say.
Why = Callable[[Answer, Any], str]


class Desk:
    """Asks one tracker, always with the same headers.

    Args:
        line: The way to it.
        headers: What every request says, such as the token.
        why: Tells in words why it refused something.
        versions: Whether 412 means that somebody was faster.
    """

    def __init__(self, line: Line, headers: Mapping[str, str], why: Why, *, versions: bool = True) -> None:
        self._line, self._headers, self._why = line, headers, why
        self._versions = versions

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Read:
        """Read something. Raises NotSentError, GoneError."""
        try:
            return self._ask("GET", path, None, headers)
        except UnclearError as error:
            # nothing was to be done but reading
            raise NotSentError(str(error), permanent=False) from error

    def send(
        self, method: str, path: str, content: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Read:
        """Have something done.

        Raises:
            NotSentError: It was certainly not done; GoneError, StaleError if the tracker says so.
            UnclearError: It is unknown whether it was done.
        """
        return self._ask(method, path, json.dumps(content).encode(), headers)

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str] | None) -> Read:
        said = {"Accept": "application/json", **self._headers, **(headers or {})}
        if body is not None:
            said["Content-Type"] = "application/json"
        try:
            answer = self._line.ask(method, path, headers=said, body=body, wait=_PATIENCE, limit=_LARGEST)
        except NotReachedError as error:
            why = filled(_UNREACHED, error=error.error or error.why.name)
            raise NotSentError(why, permanent=False) from error
        except BrokenOffError as error:
            raise UnclearError(filled(_BROKEN_OFF, error=error.error)) from error
        return self._read(answer)

    def _read(self, answer: Answer) -> Read:
        content, sound = _content(answer.body)
        status = answer.status
        if answer.is_redirect:
            raise NotSentError(_REDIRECTED, permanent=True)
        if status == 304:  # noqa: PLR2004  # what we know is what is there
            return Read(status, answer.headers, None)
        if 200 <= status < 300:  # noqa: PLR2004  # the range is the rule
            if not sound:
                raise UnclearError(_UNREADABLE)
            return Read(status, answer.headers, content)
        if status == 412 and self._versions:  # noqa: PLR2004
            raise StaleError(_STALE)
        _refuse(answer, self._why(answer, content)[:_LONGEST] if sound else "")
        # what went wrong on its side may have been done before that
        raise UnclearError(filled(_TROUBLE, status=status))


def _refuse(answer: Answer, why: str) -> None:
    """Raise the error of a status that says that nothing was done."""
    match answer.status:
        case 401:
            # managers may mend it while it is tried again
            raise NotSentError(_TOKEN, permanent=False)
        case 429 | 503 if (wait := _wait(answer)) or answer.status == 429:  # noqa: PLR2004
            raise NotSentError(_BUSY, permanent=False, wait=wait)
        case 403 if (wait := _wait(answer)) or "rate limit" in why.lower():
            raise NotSentError(_BUSY, permanent=False, wait=wait or _MINUTE)
        case 403:
            raise NotSentError(_FORBIDDEN, permanent=True)
        case 404 | 410:
            raise GoneError(_GONE)
        case 409 | 423:
            raise NotSentError(filled(_REFUSED, why=why or answer.status), permanent=False)
        case status if 400 <= status < 500 and status != 408:  # noqa: PLR2004
            raise NotSentError(filled(_REFUSED, why=why or status), permanent=True)


def _wait(answer: Answer) -> timedelta | None:
    """How long it wants to be left alone, if it says so: in seconds, or until when no requests are left."""
    seconds = _seconds(answer.headers.get("Retry-After", ""))
    if seconds is None and answer.headers.get("X-RateLimit-Remaining", "").strip() == "0":
        until, at = _seconds(answer.headers.get("X-RateLimit-Reset", "")), answer.headers.get("Date", "")
        try:
            seconds = max(until - int(parsedate_to_datetime(at).timestamp()), 1) if until else None
        except ValueError:
            seconds = None
    return None if seconds is None else timedelta(seconds=min(seconds, _MOST_SECONDS))


def _seconds(typed: str) -> int | None:
    found = typed.strip()
    # a longer number is no time at all
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 12 else None  # noqa: PLR2004


def _content(body: bytes) -> tuple[Any, bool]:
    """What an answer holds, and whether it is JSON or nothing at all."""
    if not body.strip():
        return None, True
    try:
        return json_of(body), True
    except ValueError:
        return None, False
