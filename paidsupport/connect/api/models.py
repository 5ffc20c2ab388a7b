"""What all models of requests and answers have in common; imported when the API is first asked for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

T = TypeVar("T")

#: Entries on one page of a list, and the most of them.
USUAL, MOST = 50, 100

#: The largest whole number that is one in every program, and in every database.
LARGEST = 2**53

#: A moment in UTC, in ISO 8601.
Moment = Annotated[
    datetime,
    PlainSerializer(lambda at: at.isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]


class _Taken(BaseModel):
    """What comes from outside: nothing in it makes a database stumble."""

    @field_validator("*", mode="before")
    @classmethod
    def fitting(cls, value: object) -> object:
        """The value. Raises PydanticCustomError for what no column can hold."""
        _refuse_unstorable(value)
        return value


def _refuse_unstorable(value: object) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise PydanticCustomError("unstorable", "Take out the character U+0000.")
    elif isinstance(value, int | float):
        if not -LARGEST <= value <= LARGEST:  # neither is what is no number
            raise PydanticCustomError("unstorable", "This number is too large.")
    elif isinstance(value, dict):
        for name, part in value.items():
            _refuse_unstorable(name)
            _refuse_unstorable(part)
    elif isinstance(value, list):
        for part in value:
            _refuse_unstorable(part)


class Sent(_Taken):
    """What a program sends: fields that do not exist are refused, and so is `"5"` for 5."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False, strict=True)


class Nothing(Sent):
    """An empty object."""


class Query(_Taken):
    """What is asked for behind the question mark: parameters that do not exist are refused."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="wrap")
    @classmethod
    def no_seconds(cls, value: object, read: ValidatorFunctionWrapHandler) -> object:
        """What is read. Raises PydanticCustomError for a number where a day or a moment is asked for."""
        found: object = read(value)
        if isinstance(found, date) and isinstance(value, str) and "-" not in value[1:]:
            raise PydanticCustomError("datetime_parsing", "This must be a moment like 2026-03-14T15:09:26Z.")
        return found


class PageQuery(Query):
    """Which page of a list."""

    after: Annotated[str, Field(max_length=200, description="Where the page before ended: its `next`.")] = ""
    limit: Annotated[int, Field(ge=1, le=MOST, description="How many entries at most.")] = USUAL


class Answer(BaseModel):
    """What the desk answers."""

    model_config = ConfigDict(
        extra="forbid", from_attributes=True, json_schema_serialization_defaults_required=True
    )


class Page(Answer, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: Annotated[
        str | None, Field(description="What to send as `after` for the next page; null: there is none.")
    ] = None


class Money(Answer):
    """An amount in the smallest unit of its currency."""

    minor: int
    currency: Annotated[str, Field(description="ISO 4217")]


class Wrong(Answer):
    """What is wrong with one field."""

    pointer: Annotated[str | None, Field(description="The field of the body, as a JSON Pointer.")] = None
    parameter: Annotated[str | None, Field(description="The parameter of the query or the header.")] = None
    detail: str


class Problem(Answer):
    """Why something was refused (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, Field(description="An address where this kind of problem is explained.")]
    title: str
    status: int
    detail: Annotated[str, Field(description="The sentence that a page shows.")]
    instance: Annotated[str, Field(description="The id of the request.")]
    errors: Annotated[
        list[Wrong] | None, Field(description="What is wrong where, if it is what was sent.")
    ] = None
