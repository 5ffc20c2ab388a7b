"""Requests to PayPal: with a token that is kept until it expires, and told apart by what came of them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlencode

from paidsupport.connect.outgoing import Answer, BrokenOffError, Line, NotReachedError
from paidsupport.connect.payments.paypal_truth import Shape, link, shapes, text
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

_UNREACHED = storable(_("PayPal could not be reached: %(error)s."))
_BROKEN_OFF = storable(_("The connection to PayPal broke off: %(error)s."))
_REFUSED = storable(_("PayPal refused it: %(why)s"))
_TROUBLE = storable(_("PayPal answered with status %(status)s: %(why)s"))
UNREADABLE = storable(_("PayPal's answer could not be read."))
_REDIRECTED = storable(_("PayPal answered with a redirect, which is not followed. Check its address."))
_UNKNOWN_LOGIN = storable(_("PayPal does not accept the client ID or the secret."))

#: Seconds before its end in which a token is not used any more.
_SPARE = 60
#: Seconds for which a token is used at most, whatever is said of it.
_DAY = 86_400
#: Statuses after which trying again can help, and those after which it is unknown what has happened.
_LATER, _UNKNOWN = frozenset({401, 403, 429}), frozenset({408, 409})
#: PayPal is still at an earlier request with the same id.
_IN_PROGRESS = "PREVIOUS_REQUEST_IN_PROGRESS"
#: How much is kept of what PayPal says of a problem.
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class _Problem:
    """What PayPal says of a problem; the attributes as in RefusedError."""

    issues: Sequence[str]
    words: str
    mark: str
    address: str


class RefusedError(NotSentError):
    """PayPal did nothing.

    Attributes:
        answered: With which status it said so.
        issues: Its names of the reasons.
        mark: Its number of this answer, for which its support asks: the same again is a repeated answer.
        address: Where the customer can mend it.
    """

    def __init__(self, why: str, status: int, problem: _Problem) -> None:
        super().__init__(why, permanent=status not in _LATER)
        self.answered, self.issues = status, frozenset(problem.issues)
        self.mark, self.address = problem.mark, problem.address


class Client:
    """Asks PayPal as one app of one merchant; may be used by several threads."""

    def __init__(self, line: Line, client: str, secret: str) -> None:
        self._line = line
        self._login = base64.b64encode(f"{client}:{secret}".encode()).decode()
        self._lock = Lock()
        self._token, self._expires = "", 0.0

    def get(self, path: str) -> Shape:
        """Read something. Raises NotSentError."""
        try:
            return self._ask("GET", path, {}, None)
        except UnclearError as error:
            # nothing was to be done but reading
            raise NotSentError(str(error), permanent=False) from error

    def post(self, path: str, content: Shape, key: str) -> Shape:
        """Have something done once: the same `key` again gives the same answer.

        Raises:
            NotSentError: It was certainly not done; RefusedError if PayPal says so.
            UnclearError: It is unknown whether it was done.
        """
        headers = {
            "Content-Type": "application/json",
            "PayPal-Request-Id": key,
            "Prefer": "return=representation",
        }
        return self._ask("POST", path, headers, json.dumps(content).encode())

    def log_in(self) -> str:
        """A token that has not expired. Raises NotSentError."""
        with self._lock:
            if not self._token or time.monotonic() >= self._expires:
                self._token, self._expires = self._new_token()
            return self._token

    def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Shape:
        token = self.log_in()
        answer = self._send(method, path, {**headers, "Authorization": f"Bearer {token}"}, body)
        if answer.status == 401:  # noqa: PLR2004  # it has ended before its time, once
            self._forget(token)
            token = self.log_in()
            answer = self._send(method, path, {**headers, "Authorization": f"Bearer {token}"}, body)
        return _content(answer)

    def _send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        try:
            return self._line.ask(method, path, headers=headers, body=body)
        except NotReachedError as error:
            said = filled(_UNREACHED, error=error.error or error.why.name)
            raise NotSentError(said, permanent=False) from error
        except BrokenOffError as error:
            raise UnclearError(filled(_BROKEN_OFF, error=error.error)) from error

    def _new_token(self) -> tuple[str, float]:
        headers = {
            "Authorization": f"Basic {self._login}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({"grant_type": "client_credentials"}).encode()
        try:
            found = _content(self._send("POST", "/v1/oauth2/token", headers, body))
        except UnclearError as error:
            # a token more is no harm
            raise NotSentError(str(error), permanent=False) from error
        except RefusedError as error:
            if error.answered in {400, 401}:
                raise NotSentError(_UNKNOWN_LOGIN, permanent=False) from error
            raise
        token, seconds = found.get("access_token"), found.get("expires_in")
        if not isinstance(token, str) or not token.isascii() or not isinstance(seconds, int):
            raise NotSentError(UNREADABLE, permanent=False)
        return token, time.monotonic() + min(seconds, _DAY) - _SPARE

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._token == token:  # or else another thread was faster
                self._token = ""


def _content(answer: Answer) -> Shape:
    """What PayPal answered. Raises NotSentError, UnclearError."""
    status = answer.status
    if answer.is_redirect:
        raise NotSentError(_REDIRECTED, permanent=True)
    found = _shape(answer.body)
    if status in {200, 201}:
        if found is None:
            raise UnclearError(UNREADABLE)
        return found
    problem = _problem(found or {})
    if status in _UNKNOWN or status >= 500 or status < 400 or _IN_PROGRESS in problem.issues:  # noqa: PLR2004  # ranges
        raise UnclearError(filled(_TROUBLE, status=status, why=problem.words))
    raise RefusedError(filled(_REFUSED, why=problem.words or status), status, problem)


def _shape(body: bytes) -> Shape | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _problem(found: Shape) -> _Problem:
    each = shapes(found, "details")
    told = [
        "".join(f"{text(detail, part)} " for part in ("issue", "field", "description")) for detail in each
    ]
    words = "; ".join(" ".join(one.split()) for one in told)
    words = words or text(found, "message") or text(found, "error_description")
    name, mark = text(found, "name") or text(found, "error"), text(found, "debug_id")
    said = " · ".join(part for part in (name, words, f"debug_id {mark}" if mark else "") if part)
    mark = "".join(each for each in mark if each.isascii() and each.isalnum())  # it goes into a header again
    issues = [name, *(text(detail, "issue") for detail in each)]
    return _Problem(issues, said[:_LONGEST], mark, link(found, "redirect", "payer-action"))
