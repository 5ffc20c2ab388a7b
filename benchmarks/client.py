"""A small cookie-keeping HTTP client (standard library only), for log-ins and clicks."""

import http.client
import re
from email.message import Message
from html import unescape
from typing import NamedTuple
from urllib.parse import urlencode


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Message
    text: str


class Session:
    """One visitor of a server on this machine."""

    def __init__(self, port: int, timeout: float = 120) -> None:
        """Nobody yet, without cookies."""
        self.port, self.timeout = port, timeout
        self.cookies: dict[str, str] = {}
        #: The token of its forms, once somebody has read one.
        self.token = ""

    @property
    def cookie(self) -> str:
        """The Cookie header."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """GET a path; redirects are not followed."""
        return self._ask("GET", path, None, headers or {})

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """POST a form; redirects are not followed."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", path, urlencode(fields), kind)

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            known = {"Cookie": self.cookie, "Referer": f"http://127.0.0.1:{self.port}/"}
            connection.request(method, path, body, {**known, **headers})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        self.keep_cookies(answer.headers.get_all("Set-Cookie") or [])
        return Answer(answer.status, answer.headers, text)

    def keep_cookies(self, lines: list[str]) -> None:
        """Send these back from now on."""
        for line in lines:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value


def attribute(tag: str, name: str) -> str | None:
    """The value of an attribute of a tag, or None."""
    found = re.search(rf"""(?<![\w-]){re.escape(name)}=(?:"([^"]*)"|'([^']*)')""", tag)
    return unescape(found[1] if found[1] is not None else found[2]) if found else None


def field(html: str, name: str) -> str:
    """The value of the first <input> of that name; an error when there is none."""
    for tag in re.findall(r"<input\b[^>]*>", html):
        if attribute(tag, "name") == name:
            return attribute(tag, "value") or ""
    raise LookupError(f"no field {name!r} in a page of {len(html)} characters: {html[:300]!r}")


def form_with(html: str, name: str) -> dict[str, str]:
    """The hidden fields and checkboxes, the latter ticked, of the first form that has the field `name`."""
    for form in re.findall(r"<form\b.*?</form>", html, re.DOTALL):
        tags = re.findall(r"<input\b[^>]*>", form)
        sent = [tag for tag in tags if attribute(tag, "type") in {"hidden", "checkbox"}]
        found = {attribute(tag, "name") or "": attribute(tag, "value") or "y" for tag in sent}
        if name in found:
            return found
    raise LookupError(f"no form with {name!r} in a page of {len(html)} characters: {html[:300]!r}")
