"""Every refusal as RFC 9457 describes it, in the same sentences as on the pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from flask import Response, g, json, request
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, NotFound, Unauthorized, default_exceptions

from paidsupport.kernel.actors import Role
from paidsupport.kernel.db.keys import is_second_use_of_a_key
from paidsupport.kernel.errors import (
    ConfigurationError,
    KeyReusedError,
    NotFoundError,
    Outcome,
    PaidSupportError,
    ScopeMissingError,
    TooManyError,
    TransitionRefusedError,
)
from paidsupport.kernel.i18n.languages import in_words
from paidsupport.kernel.mount import current
from paidsupport.kernel.staff.scopes import Scope

if TYPE_CHECKING:
    from pydantic import ValidationError

_A_MINUTE = "60"

#: Our sentences for what pydantic finds, by its names; in braces what it tells.
_SENTENCES = {
    "missing": "This is missing.",
    "extra_forbidden": "This does not exist.",
    "string_type": "This must be text.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_from_float": "This must be a whole number.",
    "int_parsing_size": "This number is too large.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "list_type": "This must be a list.",
    "dict_type": "This must be an object.",
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
    "json_invalid": "Send valid JSON.",
    "string_too_short": "Enter at least {min_length} characters.",
    "string_too_long": "Enter at most {max_length} characters.",
    "too_short": "Give at least {min_length}.",
    "too_long": "Give at most {max_length}.",
    "greater_than": "This must be greater than {gt}.",
    "greater_than_equal": "This must be {ge} or more.",
    "less_than": "This must be less than {lt}.",
    "less_than_equal": "This must be {le} or less.",
    "literal_error": "This must be {expected}.",
    "enum": "This must be {expected}.",
    "date_from_datetime_parsing": "This must be a date like 2026-03-14.",
    "date_parsing": "This must be a date like 2026-03-14.",
    "datetime_from_date_parsing": "This must be a moment like 2026-03-14T15:09:26Z.",
    "datetime_parsing": "This must be a moment like 2026-03-14T15:09:26Z.",
}


def slug(kind: str) -> str:
    """What a kind of problem is called in addresses: `transition-refused` for TransitionRefusedError."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.removesuffix("Error").replace(" ", "")).lower()


def problem(
    status: int, kind: str, title: str, detail: str, more: Mapping[str, object] | None = None
) -> Response:
    """An answer of the type application/problem+json.

    Args:
        status: The HTTP status.
        kind: The name of its page in the documentation.
        title: What kind of problem it is, in a few words.
        detail: The sentence for this one.
        more: Further members.
    """
    told = {
        "type": f"{request.script_root}{current().settings.url_prefix}/api/v1/problems/{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:request:{g.get('paidsupport_request', '')}",
        **(more or {}),
    }
    told = {name: in_words(value) for name, value in told.items()}
    return Response(json.dumps(told), status, mimetype="application/problem+json")


def refused(error: PaidSupportError) -> Response:
    """What an operation refused."""
    if isinstance(error, TransitionRefusedError) and Role.MANAGER in error.who and g.paidsupport_held_back:
        error = ScopeMissingError(Scope.MANAGE)
    told = {name: getattr(error, name) for name in error.facts}
    more = {name: value for name, value in told.items() if value and name != "problems"}
    if problems := told.get("problems"):
        more["errors"] = [
            {"pointer": f"#/{field}", "detail": in_words(sentence)}
            for field, sentences in problems.items()
            for sentence in sentences
        ]
    answer = problem(error.status, slug(type(error).__name__), str(error.title), error.for_staff, more)
    if isinstance(error, TooManyError):
        answer.headers["Retry-After"] = str(error.minutes * 60)
    elif error.outcome is Outcome.CLOSED:
        answer.headers["Retry-After"] = _A_MINUTE
    return answer


class WronglySentError(Exception):
    """What was sent does not fit what the operation takes; `answer` says so."""

    def __init__(self, answer: Response) -> None:
        self.answer = answer
        super().__init__(answer)


def wrong(error: ValidationError, *, query: bool) -> WronglySentError:
    """What was sent does not fit the model of it."""
    errors = [_said(found, query=query) for found in error.errors(include_url=False, include_input=False)]
    return _wrong("Some of the query is wrong." if query else "Some of what was sent is wrong.", errors)


def no_parameters(names: Iterable[str]) -> WronglySentError:
    """There is nothing to ask for behind the question mark."""
    errors = [{"parameter": name, "detail": "This does not exist."} for name in names]
    return _wrong("Some of the query is wrong.", errors)


def _wrong(detail: str, errors: Sequence[Mapping[str, str]]) -> WronglySentError:
    return WronglySentError(problem(422, "invalid-input", "Invalid input", detail, {"errors": errors}))


def _said(found: Mapping[str, Any], *, query: bool) -> dict[str, str]:
    where = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in found["loc"])
    sentence = _SENTENCES.get(found["type"], found["msg"])
    sentence = sentence.format_map(found.get("ctx") or {}) if found["type"] in _SENTENCES else sentence
    return {"parameter" if query else "pointer": where if query else f"#/{where}", "detail": sentence}


def http_problem(error: HTTPException) -> Response:
    """Everything that Werkzeug raises, with the headers that belong to it (Allow, WWW-Authenticate)."""
    if isinstance(error, NotFound):
        return refused(NotFoundError())
    answer = problem(error.code or 500, slug(error.name), error.name, error.description or error.name)
    kept = {"Allow", "Retry-After"}
    answer.headers.extend((name, value) for name, value in error.get_headers() if name in kept)
    if isinstance(error, Unauthorized):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="paidsupport"'
    return answer


def misconfigured(error: ConfigurationError) -> NoReturn:
    """For the site's log and its own page for errors, not for programs."""
    raise error


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
    answer = problem(
        503,
        "service-unavailable",
        "Service Unavailable",
        "The database cannot be reached. Nothing was saved. Try again in a minute.",
    )
    answer.headers["Retry-After"] = _A_MINUTE
    return answer


HANDLERS: Sequence[tuple[type[Exception] | int, Callable[[Any], Response]]] = (
    (PaidSupportError, refused),
    (WronglySentError, lambda error: error.answer),
    (ConfigurationError, misconfigured),
    (IntegrityError, done_already),
    (DataError, no_such_value),
    (OperationalError, database_away),
    # For each code, because a host's handler for a code is asked before ours for all of them. What breaks
    # down is the host's to answer and to be told of.
    *((code, http_problem) for code in default_exceptions.keys() - {500}),
)
