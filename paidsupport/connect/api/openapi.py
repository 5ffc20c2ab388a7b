"""The description of the JSON API by OpenAPI 3.1, from what its operations declare (P12)."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Response
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from paidsupport.connect.api.declaring import BODY_LIMIT, JSON, Operation
from paidsupport.connect.api.models import Page, Problem

#: The version of the interface: its first number stands in all addresses.
VERSION = "1.0.0"
_PROBLEM = "application/problem+json"
_REF = "#/components/schemas/{model}"
_INTRODUCTION = """\
What staff do on the pages of this desk, for programs: the same operations, refused in the same sentences.

A program acts for a member of staff, with a token that they make on their page “API tokens”. Each answer of
one record has an `ETag`; what changes the record wants it in `If-Match`. Every change needs an
`Idempotency-Key`: sent again within 24 hours, it changes nothing and gets the same answer. Lists have pages:
send `next` as `after`. Parameters and fields that do not exist are refused."""
_TOKENS = """\
A token of a member of staff. Its scope says how far it reaches, and each scope includes those before it:
`read` for what its person may see, `write` for what developers do, `manage` for what managers do."""
#: What can go wrong, by status, with the sentence that says when.
_SAID = {
    400: "A header is wrong: `Idempotency-Key`, or `If-Match`.",
    401: "There is no token, or it is not valid.",
    403: "The token does not reach so far (`scope`), or only managers may do this.",
    404: "What is asked for is not there, or not to be seen by the person of the token.",
    409: "It does not fit what the desk knows by now: a colleague was faster (`holder`), a condition is not "
    "met (`sentences`), or the key came with other content. Nothing was done.",
    413: "Too much was sent.",
    415: "What was sent is of another type.",
    422: "Something that was sent is wrong; `errors` says what and where.",
    428: "`If-Match` is missing.",
    429: "Too many requests within the hour. `Retry-After` says when to go on.",
    503: "The database, or something else that is needed, is away. Nothing was done.",
    507: "The server has no room for files. Nothing was kept.",
}
_TEXT = {"type": "string"}
_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "The version of what is answered, for `If-Match` and `If-None-Match`."},
    "Link": {"description": "The address of the next page (`rel=next`), if there is one."},
    "RateLimit": {
        "description": "What is left of the limit (`r`), and the seconds until more is there (`t`)."
    },
    "RateLimit-Policy": {"description": "The limit: requests (`q`) within so many seconds (`w`)."},
    "X-Request-Id": {"description": "The id of the request: its own, if it has one."},
    "Retry-After": {"description": "Seconds to wait."},
    "WWW-Authenticate": {"description": "How to send a token."},
}
_PARAMETERS: dict[str, dict[str, Any]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "A new key for each change. The same request with the same key within 24 hours gets "
        "the same answer; another request with it is refused.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]([ -~]*[!-~])?$"},
        "example": "4be0a1f6-5d5c-4c3e-a9e4-0d9f0d3c8b51",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The version that you have seen, as it came in the `ETag`.",
        "schema": {"type": "string", "pattern": '^"[0-9]{1,9}(-[0-9a-f]{16})?"$'},
        "example": '"1"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of what you have: 304 if it is still the same.",
        "schema": {"type": "string"},
    },
}


def describe(operations: Sequence[Operation], server: str) -> dict[str, Any]:
    """The description of these operations.

    Args:
        operations: Those of one desk.
        server: The address of its API.
    """
    shown = [each for each in operations if each.scope is not None]
    schemas, named = _schemas(shown)
    paths: dict[str, dict[str, Any]] = {}
    for each in shown:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, schemas, shown)
    described = {
        "openapi": "3.1.0",
        "info": {"title": "paidsupport", "version": VERSION, "description": _INTRODUCTION},
        "servers": [{"url": server}],
        "tags": list(_tags(shown)),
        "paths": paths,
        "components": {
            "schemas": named,
            "parameters": _PARAMETERS,
            "headers": {name: {**header, "schema": _TEXT} for name, header in _HEADERS.items()},
            "responses": {
                f"Problem{status}": {
                    "description": said,
                    "headers": _headers("X-Request-Id", *_headers_of_problem(status)),
                    "content": {_PROBLEM: {"schema": {"$ref": _REF.format(model="Problem")}}},
                }
                for status, said in _SAID.items()
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _TOKENS}},
        },
    }
    return _renamed(described)


def problems_of(operation: Operation) -> list[int]:
    """With which statuses an operation may be refused."""
    takes_text = operation.body is not None or operation.takes_content
    facts = {
        400: operation.changes,
        401: True,
        403: True,
        404: bool(operation.parts()) or operation.body is not None or operation.query is not None,
        409: operation.changes or bool(operation.parts()),
        413: operation.changes,
        415: takes_text,
        422: True,
        428: "version" in operation.takes,
        429: True,
        503: True,
        507: operation.limit > BODY_LIMIT,
    }
    return [status for status, can_be in facts.items() if can_be]


def _renamed(described: Mapping[str, Any]) -> dict[str, Any]:
    """The same with short names of schemas: those of pydantic have modules and hyphens in them."""
    text = json.dumps(described)
    names = {old: _short(old) for old in described["components"]["schemas"]}
    for old, new in names.items():
        before, after = (json.dumps(_REF.format(model=name)) for name in (old, new))
        text = text.replace(before, after)
    told: dict[str, Any] = json.loads(text)
    schemas = told["components"]["schemas"]
    told["components"]["schemas"] = {new: {**schemas[old], "title": new} for old, new in names.items()}
    assert len(told["components"]["schemas"]) == len(names)  # noqa: S101  # else one would stand for two
    return told


def _short(name: str) -> str:
    """`IssueProcessTicked` for that of one module among several, `PageOfTicketRow` for a page."""
    whole, _, kind = name.partition("-")
    *modules, own = whole.split("__")
    rooms = modules[-1].split("_") if modules else ()
    if own.startswith("Page_") and own.endswith("_"):
        own = f"PageOf{own[5:-1]}"
    return "".join(part.title() for part in rooms if part != "models") + own + kind


class _Schemas(GenerateJsonSchema):
    """Schemas without titles of fields, which only say their names again."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401  # pydantic's
        """No."""
        del schema
        return False


def _schemas(operations: Sequence[Operation]) -> tuple[dict[tuple[str, str], Any], dict[str, Any]]:
    """The schemas of what each operation takes and answers, and those that have names."""
    wanted: list[tuple[Any, Any, TypeAdapter[Any]]] = [
        (("", "problem"), "validation", TypeAdapter(Problem)),
    ]
    for each in operations:
        if each.answers_json:
            wanted.append(((each.name, "answer"), "serialization", each.adapter))
        for what, model in (("body", each.body), ("query", each.query)):
            if model is not None:
                wanted.append(((each.name, what), "validation", TypeAdapter(model)))
    found, told = TypeAdapter.json_schemas(wanted, ref_template=_REF, schema_generator=_Schemas)
    named: dict[str, Any] = told.get("$defs", {})
    return {key: schema for (key, _mode), schema in found.items()}, named


def _operation(
    operation: Operation, schemas: Mapping[tuple[str, str], Any], among: Sequence[Operation]
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.title,
        "security": [{"token": [str(operation.scope)]}],
        "parameters": list(_parameters(operation, schemas)),
        "responses": _responses(operation, schemas, among),
    }
    if operation.text:
        told["description"] = operation.text
    if operation.body is not None:
        schema = schemas[operation.name, "body"]
        needed = any(field.is_required() for field in operation.body.model_fields.values())
        told["requestBody"] = {"required": needed, "content": {JSON: {"schema": schema}}}
    elif operation.takes_content:
        told["requestBody"] = {"required": True, "content": {operation.takes_content: {}}}
    return told


def _parameters(operation: Operation, schemas: Mapping[tuple[str, str], Any]) -> Iterator[dict[str, Any]]:
    for name, converter in operation.addressed:
        kind = operation.hints.get(name)
        schema: dict[str, Any] = {"type": "string", "minLength": 1, "pattern": "^[^/]+$"}
        if converter == "int" or kind is int:
            schema = {"type": "integer", "minimum": 0, "maximum": 2**53}
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if operation.query is not None:
        schema = schemas[operation.name, "query"]
        for name, one in _fields(schema, operation.query).items():
            parameter = {"name": name, "in": "query", "schema": one}
            if "description" in one:
                parameter["description"] = one["description"]
            if name in schema.get("required", ()):
                parameter["required"] = True
            yield parameter
    if not operation.changes:
        yield {"$ref": "#/components/parameters/IfNoneMatch"}
        return
    yield {"$ref": "#/components/parameters/IdempotencyKey"}
    if "version" in operation.takes:
        yield {"$ref": "#/components/parameters/IfMatch"}


def _fields(schema: Mapping[str, Any], model: Any) -> Mapping[str, Any]:  # noqa: ANN401  # a model
    """The fields of a query: each is a parameter, and null stands for its not being there."""
    if "$ref" in schema:
        schema = model.model_json_schema(ref_template=_REF, schema_generator=_Schemas)
    found: dict[str, Any] = {}
    for name, one in schema["properties"].items():
        ways = [way for way in one.get("anyOf", ()) if way != {"type": "null"}]
        more = {key: value for key, value in one.items() if key not in {"anyOf", "default"}}
        if len(ways) == 1:
            one = {**ways[0], **more}  # noqa: PLW2901  # the same one without null
        found[name] = one
    return found


def _responses(
    operation: Operation, schemas: Mapping[tuple[str, str], Any], among: Sequence[Operation]
) -> dict[str, Any]:
    kept = ["X-Request-Id", "RateLimit", "RateLimit-Policy"]
    if operation.answer is type(None):
        good: dict[str, Any] = {"description": "It is done.", "headers": _headers(*kept)}
        found = {"204": good}
    else:
        content = (
            {JSON: {"schema": schemas[operation.name, "answer"]}} if operation.answers_json else {"*/*": {}}
        )
        names = kept if operation.changes or not operation.answers_json else [*kept, "ETag"]
        if operation.answers_json and _of_pages(operation):
            names = [*names, "Link"]
        good = {"description": _first_line(operation), "headers": _headers(*names), "content": content}
        found = {str(operation.status): good}
    if not operation.changes:
        found["304"] = {
            "description": "It is still what `If-None-Match` says.",
            "headers": _headers(*kept),
        }
    if links := dict(_links(operation, among)):
        good["links"] = links
    for status in problems_of(operation):
        found[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    return found


def _first_line(operation: Operation) -> str:
    said = (inspect.getdoc(operation.answer) or "").partition("\n")[0]
    return (
        said if said and operation.answer is not Response and not said.startswith("dict(") else "The answer."
    )


def _links(operation: Operation, among: Sequence[Operation]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Operations whose address the answer of this one completes.

    Of a list, that of its first entry; of a record that was read or made, its own and those below it. What
    is below wants the version that came with it.
    """
    fields, at = _answered(operation)
    own = [name for name, _converter in operation.addressed]
    for other in among:
        theirs = [name for name, _converter in other.addressed]
        if other is operation or not theirs:
            continue
        given = {name: f"$request.path.{name}" for name in theirs if name in own}
        missing = [name for name in theirs if name not in own]
        below = other.path.startswith(operation.path)
        if below and len(missing) == 1 and other.path.startswith(f"{operation.path}/{{{missing[0]}}}"):
            found = next((name for name in (missing[0], "code", "id", "name") if name in fields), None)
            if found is None:
                continue
            given[missing[0]] = f"$response.body#{at}/{found}"
        elif missing or not below or operation.changes:
            continue
        if "version" in other.takes:
            if at:
                continue  # an entry of a list is read first: it has no tag of its own
            given["If-Match"] = "$response.header.ETag"
        yield other.name, {"operationId": other.name, "parameters": given}


def _answered(operation: Operation) -> tuple[frozenset[str], str]:
    """The fields of an answer, or of the first entry of a list, and where they stand in it."""
    model, at = operation.answer, ""
    if _of_pages(operation):
        model, at = model.model_fields["items"].annotation.__args__[0], "/items/0"
    return frozenset(getattr(model, "model_fields", ())), at


def _of_pages(operation: Operation) -> bool:
    return inspect.isclass(operation.answer) and issubclass(operation.answer, Page)


def _tags(operations: Sequence[Operation]) -> Iterator[dict[str, str]]:
    seen: dict[str, str] = {}
    for each in operations:
        module = inspect.getmodule(each.view)
        seen.setdefault(each.tag, (inspect.getdoc(module) or "").partition("\n")[0] if module else "")
    for name, said in seen.items():
        yield {"name": name, "description": said}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _headers_of_problem(status: int) -> Sequence[str]:
    more = {401: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"]}
    return more.get(status, ())
