"""The blueprint of the JSON API: two rules that lead to everything below its prefix (P12)."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Response
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import PathConverter

from paidsupport.connect.api import dispatch, problems
from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.web import speech
from paidsupport.kernel.web.blueprint import catch_up

_REST = "paidsupport_rest"


class _Rest(PathConverter):
    """Everything, also what has lines."""

    regex = "(?s:.+)"
    part_isolating = False


def _know_rest(state: BlueprintSetupState) -> None:
    state.app.url_map.converters[_REST] = _Rest


def api_of(capabilities: Capabilities) -> Blueprint:
    """The blueprint of a desk's JSON API."""
    blueprint = Blueprint("paidsupport_api", __name__)

    @cache
    def api() -> dispatch.Api:
        return dispatch.Api(capabilities)

    def ask(rest: str) -> Response:
        return dispatch.answer(api(), f"/{rest}")

    # the tests that walk the map of the desk walk on here
    ask.paidsupport_api = api  # type: ignore[attr-defined]
    blueprint.record(_know_rest)
    for rule, more in (("/", {"defaults": {"rest": ""}}), (f"/<{_REST}:rest>", {})):
        options: dict[str, Any] = {**more, "methods": dispatch.METHODS, "provide_automatic_options": False}
        blueprint.add_url_rule(rule, "ask", ask, **options)
    blueprint.before_request(catch_up)
    blueprint.before_request(speech.begin)
    blueprint.before_request(dispatch.begin)
    blueprint.after_request(speech.tell)
    blueprint.after_request(dispatch.harden)
    blueprint.teardown_request(speech.end)
    for kind, handler in problems.HANDLERS:
        blueprint.register_error_handler(kind, handler)
    return blueprint
