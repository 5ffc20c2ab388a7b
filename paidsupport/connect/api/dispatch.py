"""From a request to the operation that it asks for, and from what that returns to an answer (P12).

The desk's application knows two rules for everything below the prefix. The addresses of the operations are in
a map of their own, which is made when the first request comes: so a worker that is never asked for JSON does
not hold the models, and whatever is wrong with an address or a method is answered here, as a problem.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from http import HTTPMethod
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from flask import Response, g, request
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.datastructures import Headers
from werkzeug.exceptions import (
    BadRequest,
    MethodNotAllowed,
    NotFound,
    PreconditionRequired,
    Unauthorized,
    UnsupportedMediaType,
)
from werkzeug.routing import Map, Rule

from paidsupport.connect.api import problems, rates
from paidsupport.connect.api.declaring import BODY_LIMIT, Operation, operations_of
from paidsupport.connect.idempotency import operations
from paidsupport.connect.idempotency.operations import Asked, Kept
from paidsupport.connect.idempotency.queries import is_second_request
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Compared, Context
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.mount import Mount, current
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.text import whole_number
from paidsupport.tickets.vault.operations import comparing

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: All there are: what an address does not know is refused here, in JSON.
METHODS = tuple(HTTPMethod)
_NOBODY = Actor(kind="visitor", name="a program")
#: The content of a file, in the body of a request.
_FILE = re.compile(rb'"content"\s*:\s*"[A-Za-z0-9+/=\\]*"')
#: Longest keys and ids of requests.
_LONGEST = 64
#: The largest number in an address.
_LARGEST = 2**53
#: Characters of the digest in an `ETag`.
_DIGEST = 16
_HEX = frozenset("0123456789abcdef")


class Api:
    """The operations of one desk.

    Args:
        capabilities: What the desk consists of.

    Raises:
        ConfigurationError: Two operations have the same name, or one changes things for `read`.
    """

    def __init__(self, capabilities: Capabilities) -> None:
        from paidsupport.connect.api import description  # noqa: PLC0415  # late: as the models are

        self.operations = tuple(operations_of([*capabilities.api, description]))
        self._by_name: dict[str, Operation] = {}
        for each in self.operations:
            if each.name in self._by_name:
                raise ConfigurationError(f"Two operations of the API are called “{each.name}”.")
            self._by_name[each.name] = each
        self._methods: dict[str, dict[str, Operation]] = {}
        for each in self.operations:
            self._methods.setdefault(each.rule, {})[each.method] = each
        # one rule for each address, whatever its methods: so an address that another one would fit as well
        # (`/issues/delays`, and any `/issues/<code>`) has its own methods alone
        rules = [Rule(rule, endpoint=rule) for rule in self._methods]
        self._map = Map(rules, merge_slashes=False, redirect_defaults=False)

    def find(self, path: str, method: str) -> tuple[Operation, Mapping[str, Any]]:
        """The operation at an address, with the parts of it. Raises NotFound, MethodNotAllowed."""
        rule, parts = self._map.bind("desk", url_scheme="https").match(path)
        operation = self._methods[rule].get("GET" if method == "HEAD" else method)
        if operation is None:
            raise MethodNotAllowed(self.allowed(path))
        if any(isinstance(part, int) and part > _LARGEST for part in parts.values()):
            raise NotFound  # no column holds it
        return operation, parts

    def allowed(self, path: str) -> list[str]:
        """The methods at an address. Raises NotFound."""
        rule, _parts = self._map.bind("desk", url_scheme="https").match(path)
        found = set(self._methods[rule])
        return sorted({*found, "OPTIONS", *(("HEAD",) if "GET" in found else ())})


def answer(api: Api, path: str) -> Response:
    """Answer the present request."""
    if "\0" in path:
        raise NotFound  # PostgreSQL would stumble over it
    if request.method == "OPTIONS":
        return Response(status=204, headers={"Allow": ", ".join(api.allowed(path))})
    operation, parts = api.find(path, request.method)
    request.max_content_length = operation.limit
    content = request.get_data()  # read whole before a transaction begins: a slow sender must hold no lock
    if operation.scope is None:
        if request.args:
            raise problems.no_parameters(request.args)
        return _tagged(_written(operation, operation.view(api, **parts)))
    mount = current()

    def run(compared: Compared) -> Response:
        with mount.database.writing() if operation.changes else mount.database.reading() as session:
            ctx = Context(mount.services, session, _NOBODY, mount.clock(), compared)
            return _done(operation, parts, *_admitted(ctx, operation))

    try:
        while True:
            try:
                return _unless_raced(run, content)
            except rates.ShareNeededError as needed:
                with mount.database.writing() as session:
                    ctx = Context(mount.services, session, _NOBODY, mount.clock())
                    rates.take(mount, needed.token_id, ctx)
    finally:
        _note_use(mount)


def _unless_raced(run: Callable[[Compared], Response], content: bytes) -> Response:
    """Once more if the same request was answered meanwhile: then what was kept of it is the answer."""
    # files are compared with secrets by themselves
    typed = [_FILE.sub(b"", content).decode("utf-8", "replace")]
    try:
        made: Response = comparing.outside(run, typed)
    except IntegrityError as error:
        if not is_second_request(error):
            raise
        made = comparing.outside(run, typed)
    return made


def _done(operation: Operation, parts: Mapping[str, Any], ctx: Context, secret: str) -> Response:
    """Do it, unless it was done before. What is wrong with the request is refused first."""
    if not operation.changes:
        return _tagged(_written(operation, operation.view(ctx, **parts, **_given(operation, ""))))
    asked = Asked(secret, _one_time_key(), _content(operation))
    if kept := operations.begin(ctx, asked):
        return Response(kept.body, kept.status, kept.headers)
    made = _written(operation, operation.view(ctx, **parts, **_given(operation, new_key())))
    headers = {name: value for name, value in made.headers.items() if name != "Content-Length"}
    operations.keep(ctx, asked, Kept(made.status_code, made.get_data(as_text=True), headers))
    return made


def _given(operation: Operation, key: str) -> dict[str, Any]:
    """What the view takes beside the parts of its address. Raises WronglySentError."""
    from pydantic import ValidationError  # noqa: PLC0415  # late: see above

    given: dict[str, Any] = {}
    try:
        if operation.query is not None:
            given["query"] = operation.query.model_validate(_query())
        elif request.args:
            raise problems.no_parameters(request.args)
    except ValidationError as error:
        raise problems.wrong(error, query=True) from None
    try:
        if operation.body is not None:
            given["body"] = operation.body.model_validate_json(_sent())
    except ValidationError as error:
        raise problems.wrong(error, query=False) from None
    if "version" in operation.takes:
        given["version"] = _expected_version()
    if "key" in operation.takes:
        given["key"] = key
    return given


def _sent() -> bytes:
    """What was sent, which must be JSON; an object without fields if nothing was."""
    content = request.get_data()
    if content and not request.is_json:
        raise UnsupportedMediaType("Send JSON, with “Content-Type: application/json”.")
    return content or b"{}"


def _query() -> dict[str, object]:
    """The parameters of the query: a list where one comes several times."""
    found = request.args.to_dict(flat=False)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _expected_version() -> int:
    """The version in `If-Match`, as it came in the `ETag` of what was read."""
    sent = request.headers.get("If-Match", "").strip()
    if not sent:
        raise PreconditionRequired("Send the version in If-Match, as you got it in the ETag.")
    # a proxy that packs answers makes their tags weak
    tag = sent.removeprefix("W/")
    number, hyphen, digest = tag[1:-1].partition("-")
    version = whole_number(number, digits=9)
    # behind the version stands a digest of all that was read: what does not belong to the version may differ
    whole = len(digest) == _DIGEST and _HEX.issuperset(digest) if hyphen else True
    if version is None or not whole or tag != f'"{tag[1:-1]}"':
        raise BadRequest("If-Match must hold one version, in quotes, as you got it in the ETag.")
    return version


def _one_time_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key or len(key) > _LONGEST or not key.isascii() or not key.isprintable() or key != key.strip():
        raise BadRequest("Send an Idempotency-Key of at most 64 characters, a new one for each change.")
    return key


def _content(operation: Operation) -> bytes:
    """What a request asks for: the same key with anything else is refused."""
    said = (operation.method, request.full_path, request.headers.get("If-Match", ""))
    return b"\n".join((*(each.encode() for each in said), request.get_data()))


def _admitted(ctx: Context, operation: Operation) -> tuple[Context, str]:
    """The context of the token's person, with the token."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    secret = secret.strip()
    assert operation.scope is not None  # noqa: S101  # asked before
    found = people.admitted(ctx, secret, operation.scope) if scheme.lower() == "bearer" else None
    if found is None:
        raise Unauthorized("Send a valid token: “Authorization: Bearer …”.")
    if "paidsupport_standing" not in g:  # once, however often the request runs
        g.paidsupport_standing = rates.spend(current(), found.token_id, ctx.now)
    g.paidsupport_held_back = found.actor.held_back
    g.paidsupport_token = found.token_id
    g.paidsupport_used = found.token_id if found.to_note else None
    return replace(ctx, by=found.actor), secret


def _note_use(mount: Mount) -> None:
    """Note the use of a token apart from what was done with it, which may have been refused."""
    if (token_id := g.pop("paidsupport_used", None)) is None:
        return
    # a busy database is not waited for: the next request notes it
    with suppress(OperationalError), mount.database.writing() as session:
        people.note_use(Context(mount.services, session, _NOBODY, mount.clock()), token_id)


def _written(operation: Operation, made: Any) -> Response:  # noqa: ANN401  # a model, or what fits it
    """What a view returned, as JSON; a version becomes the `ETag`, a further page a `Link`."""
    if isinstance(made, Response):
        return made
    if operation.answer is type(None):
        return Response(status=204)
    adapter = operation.adapter
    made = adapter.validate_python(made)
    response = Response(adapter.dump_json(made), operation.status, mimetype="application/json")
    if isinstance(version := getattr(made, "version", None), int):
        response.set_etag(str(version))
    if after := getattr(made, "next", None):
        args = {**request.args.to_dict(), "after": after}
        response.headers["Link"] = (
            f'<{request.script_root}{quote(request.path)}?{urlencode(args)}>; rel="next"'
        )
    return response


def _tagged(response: Response) -> Response:
    """Answer 304 where the program has it already; the version of a record stands first in the tag."""
    # of what is there, only a file is not compared: its address never gets another content
    if response.status_code != 200 or response.direct_passthrough:  # noqa: PLR2004  # there is something
        return response
    digest = hashlib.sha256(response.get_data()).hexdigest()[:_DIGEST]
    version = response.get_etag()[0]
    response.set_etag(f"{version}-{digest}" if version else digest)
    if request.if_none_match:
        response.make_conditional(request.environ)
    return response


def begin() -> None:
    """Give the request an id: its own, if it has a usable one. Limit its size until its operation does."""
    sent = request.headers.get("X-Request-Id", "")
    usable = 0 < len(sent) <= _LONGEST and sent.isascii() and sent.isprintable()
    g.paidsupport_request = sent if usable else str(uuid.uuid4())
    request.max_content_length = BODY_LIMIT


def harden(response: Response) -> Response:
    """Answers are private, and say of which request they are."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Request-Id"] = g.get("paidsupport_request", "")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    if standing := g.get("paidsupport_standing"):
        response.headers["RateLimit-Policy"] = rates.policy(current().settings.api_per_hour)
        response.headers["RateLimit"] = f'"hour";r={standing.left};t={standing.seconds}'
    response.__class__ = Apart
    return response


class Apart(Response):
    """An answer in which no cookie has a part, whatever of the host looked at the session meanwhile."""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """Its headers, when all others have added theirs."""
        headers = super().get_wsgi_headers(environ)
        headers.remove("Set-Cookie")
        varies = [name for name in self.vary if name.lower() != "cookie"]
        headers.remove("Vary")
        if varies:
            headers["Vary"] = ", ".join(varies)
        return headers
