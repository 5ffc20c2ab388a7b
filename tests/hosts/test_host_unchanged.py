"""A host that mounts the desk stays as it was: answers, routes, templates, hooks, logging."""

import logging
import re
from collections.abc import Callable, Iterable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from werkzeug.test import TestResponse

from paidsupport.kernel.web.identity import SIGNED_IN
from tests.hosts.grounds import Ground, grounds
from tests.hosts.visits import open_desk, order, run

pytestmark = pytest.mark.row("P1")


@grounds()
def test_every_answer_is_the_same_byte_for_byte(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statuses, headers, cookies and bodies, error pages too, are those of a twin without the desk.

    But for the moment of signing in, which the session of Flask-Login keeps for us.
    """
    seen = []
    for mounted in (True, False):
        app = ground.ready() if mounted else ground.host(mounted=False)
        if mounted:  # what the desk leaves in caches must not be seen either
            app.test_client().get(f"{ground.case.prefix}/verify")
        else:
            run(app, *ground.case.upgrade)
        with monkeypatch.context() as patch, time_machine.travel("2034-03-14T09:00:00Z", tick=False):
            patch.setattr("os.urandom", lambda size: b"\x17" * size)
            seen.append([_told(app, answer) for answer in ground.case.walk(app.test_client())])
    assert seen[0] == seen[1]


def _told(app: Flask, answer: TestResponse) -> tuple[str, list[tuple[str, str]], bytes]:
    return answer.status, [(name, _without_moment(app, value)) for name, value in answer.headers], answer.data


def _without_moment(app: Flask, header: str) -> str:
    """A cookie with the host's session as it would be without what we keep there."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    cookie = re.match(r"session=([^;]+)", header)
    if not cookie or not signer:
        return header
    kept = signer.loads(cookie[1])
    kept.pop(SIGNED_IN, None)
    return header.replace(cookie[1], str(signer.dumps(kept)))


@grounds(kinds=("sqlite",))
def test_the_host_passes_its_own_tests_after_the_desk_was_used(ground: Ground) -> None:
    """One process serves the desk's pages first and the host's afterwards."""
    app = ground.ready()
    open_desk(app)
    order(app.test_client(), ground.case.prefix)
    ground.case.walk(app.test_client())


@grounds(kinds=("sqlite",))
def test_all_new_routes_are_under_the_prefix(ground: Ground) -> None:
    """The host's rules stay; every rule more begins with the prefix and belongs to our blueprints."""
    mounted, twin = ground.host(), ground.host(mounted=False)
    before = {(rule.rule, rule.endpoint) for rule in twin.url_map.iter_rules()}
    after = {(rule.rule, rule.endpoint) for rule in mounted.url_map.iter_rules()}
    assert before <= after
    assert after - before
    for rule, endpoint in after - before:
        assert rule.startswith(f"{ground.case.prefix}/")
        assert "//" not in rule
        assert endpoint.startswith(("paidsupport.", "paidsupport_api."))


@grounds(kinds=("sqlite",))
def test_templates_of_the_host_find_what_they_found(ground: Ground) -> None:
    """Globals, filters, context and options of Jinja are the same but for names that begin with ours."""
    mounted, twin = ground.host(), ground.host(mounted=False)
    for name in ("globals", "filters", "tests", "policies", "extensions"):
        before, after = getattr(twin.jinja_env, name), getattr(mounted.jinja_env, name)
        assert {key: _known(after[key]) for key in before} == {key: _known(before[key]) for key in before}
        assert all(key.startswith("paidsupport") for key in after if key not in before)
    for option in ("trim_blocks", "lstrip_blocks", "undefined", "keep_trailing_newline", "autoescape"):
        assert _known(getattr(mounted.jinja_env, option)) == _known(getattr(twin.jinja_env, option))
    new = set(mounted.jinja_env.list_templates()) - set(twin.jinja_env.list_templates())
    assert new
    assert all(name.startswith("paidsupport/") for name in new)
    with mounted.test_request_context("/"):
        mounted.preprocess_request()
        context: dict[str, Any] = {}
        mounted.update_template_context(context)
        assert not [name for name in context if name.startswith("paidsupport")]


@grounds(kinds=("sqlite",))
def test_nothing_runs_for_the_host_s_own_requests(ground: Ground) -> None:
    """Hooks and error handlers for the whole application, settings, commands: as in the twin."""
    mounted, twin = ground.ready(), ground.host(mounted=False)
    mounted.test_client().get(f"{ground.case.prefix}/")
    hooks = (
        "before_request_funcs",
        "after_request_funcs",
        "teardown_request_funcs",
        "template_context_processors",
        "url_value_preprocessors",
        "url_default_functions",
    )
    for name in hooks:
        assert _names(getattr(mounted, name)[None]) == _names(getattr(twin, name)[None])
    for name in ("teardown_appcontext_funcs", "shell_context_processors"):
        assert _names(getattr(mounted, name)) == _names(getattr(twin, name))
    assert _handlers(mounted) == _handlers(twin)
    assert set(mounted.extensions) - set(twin.extensions) == {"paidsupport"}
    assert set(mounted.cli.commands) - set(twin.cli.commands) == {"paidsupport"}
    assert set(mounted.blueprints) - set(twin.blueprints) == {"paidsupport", "paidsupport_api"}
    changed = {key for key in mounted.config if twin.config.get(key) != mounted.config[key]}
    assert all(key.startswith("PAIDSUPPORT_") or "DATABASE" in key for key in changed - {"SQLALCHEMY_BINDS"})
    assert type(mounted.json) is type(twin.json)
    assert type(mounted.session_interface) is type(twin.session_interface)
    assert mounted.request_class is twin.request_class


def _names(functions: Iterable[Callable[..., object]]) -> list[str]:
    return [_known(function) for function in functions]


def _handlers(app: Flask) -> dict[object, list[str]]:
    spec = app.error_handler_spec[None]
    return {code: sorted(map(_known, handlers.values())) for code, handlers in spec.items() if handlers}


def _known(thing: object) -> str:
    """What a thing is, whichever application it belongs to."""
    # type() before anything else: a proxy of Flask's would look for its request
    if issubclass(type(thing), FunctionType | MethodType | BuiltinFunctionType | type):
        return f"{thing.__module__}.{thing.__qualname__}"  # type: ignore[attr-defined]  # they all have both
    return str(type(thing))


@grounds(kinds=("sqlite",))
def test_logging_is_left_alone(ground: Ground) -> None:
    """Mounting, migrating and serving add no handler, set no level and switch no logger off."""
    theirs = logging.getLogger("host.shop")
    ground.host(mounted=False)
    before = _logging()
    app = ground.ready()
    run(app, "paidsupport", "db", "check")
    app.test_client().get(f"{ground.case.prefix}/")
    after = _logging()
    assert {name: after[name] for name in before} == before
    assert not any(after[name][1] for name in after.keys() - before.keys())
    assert not theirs.disabled


def _logging() -> dict[str, tuple[int, list[str], bool, bool]]:
    loggers = {**logging.root.manager.loggerDict, "": logging.root}
    return {
        name: (
            found.level,
            [repr(type(handler)) for handler in found.handlers],
            found.disabled,
            found.propagate,
        )
        for name, found in loggers.items()
        if isinstance(found, logging.Logger)
    }
