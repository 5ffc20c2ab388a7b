"""Whatever a program sends, the API answers as its description says: Schemathesis plays all its phases."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGITransport

from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.testing import mount_of
from tests.people import Desk

pytestmark = [
    pytest.mark.row("P12"),
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning"),
]
ADDRESS = "/support/api/v1/openapi.json"
#: Examples of each operation, and of each way from one to the next.
FEW, MANY = 1, 100
#: What is played without much time: on PostgreSQL what may depend on the database, elsewhere every edge.
PLAYED = {"sqlite": ("examples", "coverage"), "postgresql": ("fuzzing", "stateful")}
ALL = ("examples", "coverage", "fuzzing", "stateful")


@pytest.fixture(autouse=True)
def _in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let its requests without a token reach this process: it forgets to drop what is for sockets."""
    send = WSGITransport.send

    def sent(self: WSGITransport, case: Any, **more: Any) -> Any:  # noqa: ANN401  # theirs
        if more.get("session") is None:
            more = {
                name: each for name, each in more.items() if name not in {"max_redirects", "verify", "cert"}
            }
        return send(self, case, **more)

    monkeypatch.setattr(WSGITransport, "send", sent)


def test_nothing_is_found(app: Flask, desk: Desk) -> None:
    """At every edge of what is declared, by one example of each operation, and on some ways through them."""
    dialect = mount_of(app).database.engine.dialect.name
    assert not "\n\n".join(found_in(app, desk, FEW, PLAYED[dialect]))


@pytest.mark.soak
def test_nothing_is_found_in_an_hour(app: Flask, desk: Desk) -> None:
    """With many."""
    assert not "\n\n".join(found_in(app, desk, MANY, ALL))


def found_in(app: Flask, desk: Desk, examples: int, phases: Collection[str]) -> Iterator[str]:
    """What does not fit the description, in words."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    code = desk.in_progress(desk.ada)
    desk.receive(code, "Is it ready?")
    desk.order()
    with desk.ctx(desk.mia) as ctx:
        token = people.new_token(ctx, "mia@example.org", "Schemathesis", 1, Scope.MANAGE)
    mount = mount_of(app)
    mount.settings = replace(mount.settings, api_per_hour=10**9)
    config = SchemathesisConfig.from_dict(_config(token, examples, phases))
    for event in from_schema(schemathesis.openapi.from_wsgi(ADDRESS, fresh(app), config=config)).execute():
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            yield f"{event.label}: {event.value}"
        if isinstance(event, events.ScenarioFinished):
            checks = chain.from_iterable(event.recorder.checks.values())
            for name, info in ((each.name, each.failure_info) for each in checks if each.failure_info):
                yield f"{event.label}: {name}: {info.failure}\n{info.code_sample}"


def fresh(app: Flask) -> Callable[..., Any]:
    """The application, which gets a new key for each change: one that was used would only be refused."""

    def answer(environ: dict[str, Any], start: Any) -> Any:  # noqa: ANN401  # WSGI's
        key = environ.get("HTTP_IDEMPOTENCY_KEY", "")
        if 0 < len(key) <= 64 and key.isascii() and key.isprintable() and key == key.strip():
            environ["HTTP_IDEMPOTENCY_KEY"] = uuid.uuid4().hex
        return app(environ, start)

    return answer


def _ways(phases: Collection[str]) -> dict[str, Any]:
    """How far Schemathesis goes from one operation to the next."""
    return {"stateful": {"enabled": "stateful" in phases, "max-steps": 6}}


def _config(token: str, examples: int, phases: Collection[str]) -> dict[str, Any]:
    """How Schemathesis plays: a fixed number of examples, the same ones each time."""
    return {
        "seed": 7,
        "suppress-health-check": ["all"],
        "headers": {"Authorization": f"Bearer {token}"},
        "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
        "checks": {
            # right in form, and refused by the operation: 422 for a text of spaces, 409, 428 as above
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "401", "403", "404", "409", "422", "3xx"]
            },
            "missing_required_header": {"expected-statuses": ["400", "401", "422", "428"]},
        },
        "phases": {name: {"enabled": name in phases} for name in ALL} | _ways(phases),
    }
