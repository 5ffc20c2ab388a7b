"""Posting to an address that was entered: what came of it, for webhooks and chats alike."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from paidsupport.connect.connections.kinds import PRIVATE, AnsweredError, StopError
from paidsupport.connect.outgoing import Answer, BrokenOffError, Line, NotReachedError, Why
from paidsupport.connect.webhooks import sentences
from paidsupport.kernel.configuration.values import Values
from paidsupport.kernel.i18n.stored import filled
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

#: Seconds to wait for a connection, and for an answer: the Standard Webhooks want 15 to 30.
TIMEOUT = (4.0, 20.0)
_NOT_REACHED = {
    Why.NO_NAME: sentences.NO_NAME,
    Why.NOWHERE: sentences.NOWHERE,
    Why.PRIVATE: sentences.PRIVATE,
}
#: The status of a receiver that is gone for good.
GONE = 410


def line_to(values: Values) -> Line:
    """The way to the address under `url`."""
    return Line(values["url"], private=values.get(PRIVATE) == "yes", timeout=TIMEOUT)


def post(
    line: Line, headers: Mapping[str, str], body: bytes, now: datetime, gone: Collection[int] = (GONE,)
) -> int:
    """Post JSON; any status from 200 to 299 says that it is there.

    Args:
        line: The way to the receiver.
        headers: What else is said.
        body: The JSON.
        now: The moment of this attempt.
        gone: With which statuses the receiver says that it wants nothing more.

    Returns:
        The status.

    Raises:
        NotSentError: It was not taken: AnsweredError with the status, StopError if nothing more is wanted.
        UnclearError: It is unknown whether it arrived.
    """
    try:
        # whatever else it says is not read
        answer = line.ask("POST", headers={"Content-Type": "application/json", **headers}, body=body, limit=0)
    except NotReachedError as error:
        said = _NOT_REACHED.get(error.why, sentences.UNREACHED)
        raise NotSentError(filled(said, error=error.error), permanent=False) from error
    except BrokenOffError as error:
        raise UnclearError(filled(sentences.UNREACHED, error=error.error)) from error
    status = answer.status
    if 200 <= status < 300:  # noqa: PLR2004  # the range is the rule
        return status
    if status in gone:
        raise StopError(filled(sentences.UNWANTED, status=status))
    said = sentences.REDIRECTED if answer.is_redirect else sentences.REFUSED
    raise AnsweredError(filled(said, status=status), status, wait=_wait(answer, now))


def _wait(answer: Answer, now: datetime) -> timedelta | None:
    """How long it wants to be left alone: in seconds, or until a moment."""
    typed = answer.headers.get("Retry-After", "").strip()
    if typed.isascii() and typed.isdecimal() and len(typed) <= 9:  # noqa: PLR2004  # else it is no time at all
        return timedelta(seconds=int(typed))
    try:
        return max(parsedate_to_datetime(typed) - now, timedelta())
    except (TypeError, ValueError):
        return None
