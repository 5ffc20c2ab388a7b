"""Programs that act for members of staff, wherever below the prefix."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from paidsupport.kernel.staff import operations as people
from tests.people import Desk

PREFIX = "/support/api/v1"


class Caller:
    """A program with a token of a person; refusals are what a test asks for, or its end."""

    def __init__(self, app: Flask, desk: Desk, name: str, scope: str = "write") -> None:
        self._client = app.test_client()
        with desk.ctx() as ctx:
            self._token = people.new_token(ctx, f"{name}@example.org", "test", 1, scope)
        self._deeds = 0

    def ask(
        self,
        method: str,
        path: str,
        sent: Any = None,  # noqa: ANN401  # JSON
        *,
        version: int | None = None,
        key: str = "",
    ) -> TestResponse:
        """Send any request, under a new key unless one is given."""
        self._deeds += 1
        headers = {"Authorization": f"Bearer {self._token}"}
        if method != "GET":
            headers["Idempotency-Key"] = key or f"deed {self._deeds}"
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._client.open(PREFIX + path, method=method, json=sent, headers=headers)

    def get(self, path: str) -> Any:  # noqa: ANN401  # JSON
        """What is there."""
        return self._good(self.ask("GET", path))

    def post(self, path: str, version: int | None = None, /, **sent: Any) -> Any:  # noqa: ANN401
        """Do something that has to succeed."""
        return self._good(self.ask("POST", path, sent or None, version=version))

    def put(self, path: str, version: int | None = None, /, **sent: Any) -> Any:  # noqa: ANN401
        """Put something in its place, which has to succeed."""
        return self._good(self.ask("PUT", path, sent or None, version=version))

    def refused(
        self,
        status: int,
        method: str,
        path: str,
        version: int | None = None,
        /,
        **sent: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401  # JSON
        """Why something is refused, which has to be so."""
        answer = self.ask(method, path, sent or None, version=version)
        assert answer.status_code == status, answer.text
        assert answer.mimetype == "application/problem+json"
        return answer.json

    @staticmethod
    def _good(answer: TestResponse) -> Any:  # noqa: ANN401  # JSON
        assert answer.status_code < 300, answer.text
        return answer.json
