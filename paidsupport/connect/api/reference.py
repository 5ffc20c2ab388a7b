"""The description of the API as a page shows it, and the pages that types of problems lead to."""

from __future__ import annotations

import inspect
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paidsupport.connect.api.problems import slug
from paidsupport.kernel.errors import ConfigurationError, Outcome, PaidSupportError

_REF = "#/components/schemas/"
#: What an example says of each type.
_EXAMPLES: Mapping[str, object] = {"string": "…", "integer": 1, "number": 1, "boolean": True}
#: No example goes deeper: what stands below is in its own list of fields.
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Field:
    """A field or a parameter: its name, its type, the record that it holds, and what there is to say."""

    name: str
    kind: str
    record: str
    required: bool
    said: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation, as the page shows it."""

    name: str
    method: str
    path: str
    title: str
    said: str
    scope: str
    parameters: Sequence[Field]
    body: tuple[str, str]
    answer: tuple[str, str]
    status: str
    refused: Sequence[str]
    example: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A heading with its operations."""

    name: str
    said: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Reference:
    """The whole page: operations by their headings, and the records that they take and answer."""

    said: Sequence[str]
    tags: Sequence[Tag]
    records: Sequence[tuple[str, str, Sequence[Field]]]


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem: what its address ends in, its title, its status, and what there is to say."""

    kind: str
    title: str
    status: int
    said: str
    members: Sequence[str]


def reference(described: Mapping[str, Any], site: str) -> Reference:
    """The page for a description. `site`: where the desk is, for the examples."""
    schemas: dict[str, Any] = described["components"]["schemas"]
    server = site + described["servers"][0]["url"]
    entries: dict[str, list[Entry]] = {}
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            entry = _entry(path, method.upper(), told, described, server)
            entries.setdefault(told["tags"][0], []).append(entry)
    return Reference(
        said=described["info"]["description"].split("\n\n"),
        tags=[Tag(each["name"], each["description"], entries[each["name"]]) for each in described["tags"]],
        records=[
            (name, schema.get("description", ""), _fields(schema)) for name, schema in sorted(schemas.items())
        ],
    )


def problem_kinds() -> dict[str, ProblemKind]:
    """Every kind of problem that the API answers with, by what its address ends in."""
    found = {each.kind: each for each in _OF_REQUESTS}
    for kind in sorted(_all(PaidSupportError), key=lambda each: each.__name__):
        if issubclass(kind, ConfigurationError) or kind.outcome is Outcome.FAULT:
            continue  # answered to no program
        name, said = slug(kind.__name__), " ".join((inspect.getdoc(kind) or "").split())
        status = kind.status.fget(kind)  # type: ignore[attr-defined]  # it asks its class alone
        found.setdefault(name, ProblemKind(name, kind.title, status, said, tuple(kind.facts)))
    return dict(sorted(found.items()))


def _all(kind: type[PaidSupportError]) -> Iterator[type[PaidSupportError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _all(each)


_OF_REQUESTS = (
    ProblemKind(
        "bad-request",
        "Bad Request",
        400,
        "A header is wrong: Idempotency-Key is missing or cannot be used, or If-Match holds no version.",
        (),
    ),
    ProblemKind("unauthorized", "Unauthorized", 401, "There is no token, or it is not valid any more.", ()),
    ProblemKind("not-found", "Not Found", 404, "What is asked for is not there, or not to be seen.", ()),
    ProblemKind(
        "method-not-allowed",
        "Method Not Allowed",
        405,
        "The address exists, and has no such method. The header Allow lists those that it has.",
        (),
    ),
    ProblemKind(
        "request-entity-too-large",
        "Request Entity Too Large",
        413,
        "More was sent than the operation takes.",
        (),
    ),
    ProblemKind(
        "unsupported-media-type", "Unsupported Media Type", 415, "What was sent is not application/json.", ()
    ),
    ProblemKind(
        "invalid-input",
        "Invalid input",
        422,
        "Something that was sent is wrong. Each of the errors has a sentence, and says where: a pointer into "
        "what was sent, or the name of a parameter.",
        ("errors",),
    ),
    ProblemKind(
        "precondition-required",
        "Precondition Required",
        428,
        "The operation wants to know which version you have seen. Send it in If-Match.",
        (),
    ),
    ProblemKind(
        "service-unavailable",
        "Service Unavailable",
        503,
        "The database cannot be reached. Nothing was done. Try again after the seconds in Retry-After.",
        (),
    ),
)


def _entry(path: str, method: str, told: Mapping[str, Any], whole: Mapping[str, Any], server: str) -> Entry:
    parameters = [_resolved(each, whole) for each in told["parameters"]]
    status = next(status for status in told["responses"] if status.startswith("2"))
    sent = _schema(told.get("requestBody", {}))
    return Entry(
        name=told["operationId"],
        method=method,
        path=path,
        title=told["summary"],
        said=told.get("description", ""),
        scope=told["security"][0]["token"][0],
        parameters=[
            Field(
                each["name"],
                _kind(each["schema"])[0],
                _kind(each["schema"])[1],
                bool(each.get("required")),
                each.get("description", ""),
            )
            for each in parameters
            if each["in"] != "header"
        ],
        body=_kind(sent) if sent else ("", ""),
        answer=_kind(_schema(told["responses"][status])),
        status=status,
        refused=[status for status in told["responses"] if status[0] in "45"],
        example=_curl(server + path, method, parameters, sent, whole),
    )


def _curl(
    url: str,
    method: str,
    parameters: Sequence[Mapping[str, Any]],
    sent: Mapping[str, Any],
    whole: Mapping[str, Any],
) -> str:
    lines = [
        f"curl{'' if method == 'GET' else f' -X {method}'} {shlex.quote(url)}",
        '-H "Authorization: Bearer $TOKEN"',
    ]
    names = {each["name"] for each in parameters if each["in"] == "header"}
    if "Idempotency-Key" in names:
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if "If-Match" in names:
        lines.append("-H 'If-Match: \"1\"'")
    if sent:
        example = json.dumps(_example(sent, whole, 0), ensure_ascii=False)
        lines.append(f"--json {shlex.quote(example)}")
    return " \\\n  ".join(lines)


def _example(schema: Mapping[str, Any], whole: Mapping[str, Any], depth: int) -> object:
    """Something that fits a schema: what is needed, and no more."""
    schema = _resolved(schema, whole)
    known = [schema[name] for name in ("default", "const") if name in schema] or schema.get("enum", ())
    if known:
        return known[0]
    if ways := schema.get("anyOf"):
        return _example(ways[0], whole, depth)
    if schema.get("type") == "array":
        return [] if depth >= _DEEPEST else [_example(schema.get("items", {}), whole, depth + 1)]
    if schema.get("type") == "object":
        if depth >= _DEEPEST:
            return {}
        fields = schema.get("properties", {})
        return {name: _example(fields[name], whole, depth + 1) for name in schema.get("required", ())}
    return _EXAMPLES.get(schema.get("type", ""), "…")


def _fields(schema: Mapping[str, Any]) -> list[Field]:
    needed = schema.get("required", ())
    return [
        Field(name, *_kind(one), name in needed, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]


def _kind(schema: Mapping[str, Any]) -> tuple[str, str]:
    """What a schema asks for, in words, and the record that it leads to."""
    if ref := schema.get("$ref"):
        name = ref.removeprefix(_REF)
        return name, name
    if ways := schema.get("anyOf") or schema.get("oneOf"):
        kinds = [_kind(way) for way in ways]
        return " or ".join(kind for kind, _record in kinds), next((each for _, each in kinds if each), "")
    if "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema["enum"]), ""
    if "const" in schema:
        return json.dumps(schema["const"]), ""
    if schema.get("type") == "array":
        kind, record = _kind(schema.get("items", {}))
        return f"list of {kind}", record
    limits = [f"{word} {schema[name]}" for name, word in _LIMITS.items() if name in schema]
    kind = schema.get("format") or schema.get("type") or "anything"
    return ", ".join([kind, *limits]), ""


_LIMITS = {
    "minLength": "at least",
    "maxLength": "at most",
    "minimum": "from",
    "maximum": "to",
    "exclusiveMinimum": "above",
}


def _schema(told: Mapping[str, Any]) -> Mapping[str, Any]:
    contents: Mapping[str, Any] = told.get("content", {})
    return next((each.get("schema", {}) for each in contents.values()), {})


def _resolved(told: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """What stands behind a `$ref`."""
    if "$ref" not in told:
        return told
    found: Any = whole
    for name in told["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found  # type: ignore[no-any-return]  # an object of the description
