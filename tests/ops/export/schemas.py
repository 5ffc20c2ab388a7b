"""A small check of values against a JSON Schema: what ours uses of the standard, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
_KNOWN = frozenset(
    {
        *("$schema", "$defs", "$ref", "title", "oneOf", "type", "const", "format", "pattern"),
        *("required", "properties", "additionalProperties", "x-about", "x-refers-to"),
    }
)
_FORMATS = {
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00"),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
}


def faults(schema: Mapping[str, Any], value: Any) -> list[str]:  # noqa: ANN401  # JSON
    """What is wrong with a value."""
    return list(_faults(schema, schema, value, ""))


def _faults(root: Mapping[str, Any], part: Any, value: Any, at: str) -> Iterator[str]:  # noqa: ANN401  # JSON
    assert part.keys() <= _KNOWN, part.keys() - _KNOWN
    if "$ref" in part:
        yield from _faults(root, root["$defs"][part["$ref"].removeprefix("#/$defs/")], value, at)
    if "oneOf" in part:
        fitting = [each for each in part["oneOf"] if not list(_faults(root, each, value, at))]
        if len(fitting) != 1:
            yield f"{at}: fits {len(fitting)} of the alternatives"
    if "const" in part and value != part["const"]:
        yield f"{at}: is not {part['const']!r}"
    if "type" in part and not _is(value, part["type"]):
        yield f"{at}: {value!r} is no {part['type']}"
        return
    yield from _faults_of_text(part, value, at)
    if isinstance(value, dict):
        yield from (f"{at}/{name}: is missing" for name in part.get("required", ()) if name not in value)
        known = part.get("properties", {})
        for name, each in value.items():
            further = known.get(name, part.get("additionalProperties", {}))
            if further is False:
                yield f"{at}/{name}: is unknown"
            else:
                yield from _faults(root, further, each, f"{at}/{name}")


def _faults_of_text(part: Any, value: Any, at: str) -> Iterator[str]:  # noqa: ANN401  # JSON
    if not isinstance(value, str):
        return
    if "pattern" in part and not re.search(part["pattern"], value):
        yield f"{at}: {value!r} does not match"
    if "format" in part and not _FORMATS[part["format"]].fullmatch(value):
        yield f"{at}: {value!r} is no {part['format']}"


def _is(value: object, wanted: str | list[str]) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    return any(
        isinstance(value, _TYPES[name]) and not (name == "integer" and isinstance(value, bool))
        for name in names
    )
