"""Asking another system over its API: page by page, patiently, and nowhere else than at its own address."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from paidsupport.connect.outgoing import (
    Answer,
    BrokenOffError,
    Line,
    NotReachedError,
    Why,
    is_here,
    is_safe,
    json_of,
)
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.i18n.messages import gettext as _

#: Times that one question is asked, and the longest that is waited between two, in seconds.
_TRIES, _LONGEST = 6, 60.0
#: The largest answer that is read: an attachment in it is a third longer than it is.
_LARGEST = 48 * 1024 * 1024
_WAITED = 60.0
_TOO_OFTEN, _AWAY = 429, 500
_NOT_LET_IN = (401, 403)
_NO_ADDRESS = _("Enter an address like https://desk.example.org.")
_WRONG_KEY = _("The server does not accept the token or password.")
_NOT_REACHED = _("The server cannot be reached at this address.")
_PRIVATE = _("This address is in a private network. Allow that first, if it is right.")
_OTHERWISE = _("The server answers otherwise than expected (%(what)s).")


class Asking:
    """Asks one server, only ever for what is at its own address, which is `url`.

    Args:
        url: Its address.
        headers: What each question says of who asks.
        private: Whether it may be in the site's own network.
        sleep: Waits for so many seconds.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        private: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        url = url.strip().rstrip("/")
        if not is_safe(url):
            raise InvalidInputError({"url": [_NO_ADDRESS]})
        self.url = url
        # this machine is the site's own network: a test, or a tunnel of its administrator
        self._line = Line(url, private=private or is_here(url), timeout=(10.0, _WAITED))
        self._headers, self._sleep = {"Accept": "application/json", **headers}, sleep

    def json(self, path: str, **query: object) -> Any:  # noqa: ANN401  # JSON
        """What it answers to a question. Raises InvalidInputError (field `url` or `secret`)."""
        answer = self._asked(path, query)
        try:
            return json_of(answer.body)
        except ValueError:
            raise _unexpected("JSON") from None

    def content(self, path: str) -> bytes:
        """The bytes of a file there. Raises OSError if it has none."""
        try:
            return self._asked(path, {}).body
        except InvalidInputError as error:
            raise FileNotFoundError(path) from error

    def _asked(self, path: str, query: Mapping[str, object]) -> Answer:
        after = f"{path}?{urlencode(query)}" if query else path
        for tried in range(1, _TRIES + 1):
            wait = min(2.0**tried, _LONGEST)
            try:
                answer = self._line.ask("GET", after, headers=self._headers, wait=_WAITED, limit=_LARGEST)
            except NotReachedError as error:
                if tried == _TRIES or error.why is Why.PRIVATE:
                    said = _PRIVATE if error.why is Why.PRIVATE else _NOT_REACHED
                    raise InvalidInputError({"url": [said]}) from None
            except BrokenOffError as error:
                # a question changes nothing there: it can be asked again
                if tried == _TRIES or error.error == "TooLarge":
                    raise _unexpected(error.error) from None
            else:
                if answer.status in _NOT_LET_IN:
                    raise InvalidInputError({"secret": [_WRONG_KEY]})
                if 200 <= answer.status < 300:  # noqa: PLR2004  # the range is the rule
                    return answer
                if (answer.status != _TOO_OFTEN and answer.status < _AWAY) or tried == _TRIES:
                    raise _unexpected(str(answer.status))
                wait = _said(answer, wait)
            self._sleep(wait)
        raise _unexpected("…")


def _said(answer: Answer, usual: float) -> float:
    """How long the server asks to wait, up to a limit."""
    said = answer.headers.get("Retry-After", "")
    return min(float(said), _LONGEST) if said.isascii() and said.isdigit() else usual


def _unexpected(what: str) -> InvalidInputError:
    return InvalidInputError({"url": [_(str(_OTHERWISE), what=what)]})
