"""What is true for every JSON answer: a bearer token, and problems as RFC 9457 describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from typing import Any, NoReturn

from flask import Blueprint, Response, g, json, request
from flask.globals import request_ctx
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    PreconditionRequired,
    Unauthorized,
    default_exceptions,
)

from paidsupport.kernel.actors import Actor, Role
from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.context import Compared, Context
from paidsupport.kernel.db.keys import is_second_use_of_a_key
from paidsupport.kernel.errors import (
    ConfigurationError,
    InvalidInputError,
    KeyReusedError,
    NotFoundError,
    PaidSupportError,
    ScopeMissingError,
    TransitionRefusedError,
)
from paidsupport.kernel.i18n.languages import in_words
from paidsupport.kernel.mount import Mount, current
from paidsupport.kernel.routes import Route, add_routes, declare
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.scopes import Scope
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web import speech
from paidsupport.kernel.web.blueprint import catch_up
from paidsupport.tickets.vault.operations import comparing

#: Longest body of a request, in bytes.
BODY_LIMIT = 256 * 1024
_NOBODY = Actor(kind="visitor", name="a program")

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

Answer = dict[str, Any] | tuple[dict[str, Any], int]
View = Callable[..., Answer]


def route(rule: str, methods: tuple[str, ...] = ("GET",), *, scope: Scope) -> Callable[[View], View]:
    """Add an address that needs a token of this scope; its view gets a `Context` of the token's person."""

    def add(view: View) -> View:
        @wraps(view)
        def guarded(**parts: str) -> Answer:
            if any("\0" in text for text in (*parts.values(), *request.args.values())):
                raise NotFound  # PostgreSQL would stumble over it
            request.get_data()  # read whole before a transaction begins: a slow sender must hold no lock
            mount = current()
            database = mount.database

            def run(compared: Compared) -> Answer:
                with database.writing() if request.method == "POST" else database.reading() as session:
                    ctx = Context(mount.services, session, _NOBODY, mount.clock(), compared)
                    return view(_admitted(ctx, scope), **parts)

            try:
                return comparing.outside(run, [request.get_data(as_text=True)])
            finally:
                _note_use(mount)

        guarded.paidsupport_scope = scope  # type: ignore[attr-defined]  # as below
        guarded.paidsupport_who = "token"  # type: ignore[attr-defined]  # read by the test that walks the map
        declare(view, Route(rule, view.__name__, guarded, methods))
        return view

    return add


def expected_version() -> int:
    """The version in `If-Match`, which is never optional."""
    if "If-Match" not in request.headers:
        raise PreconditionRequired("Send the ticket's version in If-Match, as you got it in the ETag.")
    tags = request.if_match.as_set(include_weak=True)
    version = whole_number(next(iter(tags), None) or "", digits=9)
    if len(tags) != 1 or version is None:
        raise BadRequest("If-Match must hold one version, in quotes.")
    return version


def one_time_key() -> str:
    """The `Idempotency-Key`: sent again with the same content, a request does nothing more."""
    key = request.headers.get("Idempotency-Key", "")
    longest = 64
    if not key or len(key) > longest or not key.isascii():
        raise BadRequest("Send an Idempotency-Key of at most 64 characters, a new one for each change.")
    return key


def body(fields: Mapping[str, type]) -> dict[str, Any]:
    """The JSON object that was sent, with these fields of these types; text may be left out.

    Raises InvalidInputError, with a sentence for each field.
    """
    try:
        sent = json.loads(request.get_data() or b"{}")
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise InvalidInputError({"body": ["Send one JSON object."]})
    problems = {name: ["This field does not exist."] for name in sent if name not in fields}
    values: dict[str, Any] = {}
    for name, kind in fields.items():
        value = sent.get(name, "" if kind is str else None)
        if not isinstance(value, kind) or isinstance(value, bool):
            problems[name] = [f"This must be {'text' if kind is str else 'a whole number'}."]
        values[name] = value
    if problems:
        raise InvalidInputError(problems)
    return values


def _admitted(ctx: Context, scope: Scope) -> Context:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    found = people.admitted(ctx, secret.strip(), scope) if scheme.lower() == "bearer" else None
    if found is None:
        raise Unauthorized("Send a valid token: “Authorization: Bearer …”.")
    g.paidsupport_held_back = found.actor.held_back
    g.paidsupport_used = found.token_id if found.to_note else None
    return replace(ctx, by=found.actor)


def _note_use(mount: Mount) -> None:
    """Note the use of a token apart from what was done with it, which may have been refused."""
    if (token_id := g.pop("paidsupport_used", None)) is None:
        return
    # a busy database is not waited for: the next request notes it
    with suppress(OperationalError), mount.database.writing() as session:
        people.note_use(Context(mount.services, session, _NOBODY, mount.clock()), token_id)


def limit_size() -> None:
    """Our own limit, whatever the host allows elsewhere."""
    request.max_content_length = BODY_LIMIT


def harden(response: Response) -> Response:
    """Answers are private, and only JSON."""
    response.headers["Cache-Control"] = "no-store"
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return speech.tell(response)


def refused(error: PaidSupportError) -> Response:
    """What an operation refused, in the same sentences as on the pages."""
    if isinstance(error, TransitionRefusedError) and Role.MANAGER in error.who and g.paidsupport_held_back:
        error = ScopeMissingError(Scope.MANAGE)
    told = {name: getattr(error, name) for name in error.facts}
    more = {name: value for name, value in told.items() if value}
    return problem(error.status, type(error).__name__.removesuffix("Error"), error.for_staff, more)


def misconfigured(error: ConfigurationError) -> NoReturn:
    """For the site's log and its own page for errors, not for programs."""
    raise error


def http_problem(error: HTTPException) -> Response:
    """Everything that Werkzeug raises, with the headers that belong to it (Allow, WWW-Authenticate)."""
    answer = problem(error.code or 500, error.name, error.description or error.name)
    kept = {"Allow", "Retry-After"}
    answer.headers.extend((name, value) for name, value in error.get_headers() if name in kept)
    if isinstance(error, Unauthorized):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="paidsupport"'
    return answer


def nowhere(rest: str) -> NoReturn:
    """Addresses that no other rule takes: without this one they would be the host's to answer."""
    del rest
    raise MethodNotAllowed(allowed) if (allowed := _allowed()) else NotFound


def _allowed() -> list[str]:
    """The methods by which the address that was asked for leads to something."""
    adapter = request_ctx.url_adapter
    if adapter is None:
        return []
    return [method for method in _METHODS if adapter.match(method=method)[0] != request.endpoint]


def done_already(error: IntegrityError) -> Response:
    """The database itself refused to do a thing twice; anything else it refuses is a fault of ours."""
    if not is_second_use_of_a_key(error):
        raise error
    return refused(KeyReusedError())


def no_such_value(_error: DataError) -> Response:
    """Something that no column can hold: then nothing is there."""
    return refused(NotFoundError())


def database_away(_error: OperationalError) -> Response:
    """The database cannot be reached: nothing was kept."""
    return problem(
        503,
        "Service Unavailable",
        "The database cannot be reached. Nothing was saved. Try again in a minute.",
    )


def problem(status: int, title: str, detail: str, more: Mapping[str, object] | None = None) -> Response:
    """An answer of the type application/problem+json."""
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail, **(more or {})}
    told = {name: in_words(value) for name, value in told.items()}
    return Response(json.dumps(told), status, mimetype="application/problem+json")


_HANDLERS: Sequence[tuple[type[Exception] | int, Callable[[Any], Response]]] = (
    (PaidSupportError, refused),
    (ConfigurationError, misconfigured),
    (IntegrityError, done_already),
    (DataError, no_such_value),
    (OperationalError, database_away),
    # For each code, because a host's handler for a code is asked before ours for all of them. What breaks
    # down is the host's to answer and to be told of.
    *((code, http_problem) for code in default_exceptions.keys() - {500}),
)


def api_of(capabilities: Capabilities) -> Blueprint:
    """The blueprint of a desk's JSON API."""
    blueprint = Blueprint("paidsupport_api", __name__)
    add_routes(blueprint, capabilities.all("api"))
    for rule, more in (("/", {"defaults": {"rest": ""}}), ("/<path:rest>", {})):
        options: dict[str, Any] = {**more, "methods": _METHODS, "provide_automatic_options": False}
        blueprint.add_url_rule(rule, "nowhere", nowhere, **options)
    blueprint.before_request(catch_up)
    blueprint.before_request(speech.begin)
    blueprint.before_request(limit_size)
    blueprint.after_request(harden)
    blueprint.teardown_request(speech.end)
    for kind, handler in _HANDLERS:
        blueprint.register_error_handler(kind, handler)
    return blueprint
