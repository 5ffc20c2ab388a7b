"""Declaring what programs can ask for: an address, a scope, and a view whose signature says the rest (P12).

    @post("/tickets/<code>/claim", scope=Scope.WRITE)
    def claim_ticket(ctx: Context, code: str, version: int, key: str) -> Moved:
        \"\"\"Claim a ticket.

        409 with `holder` if a colleague was faster.
        \"\"\"

A view calls one operation, the same one that the page calls, and lets its errors through. Beside the parts
of its address it may take:

- `body` and `query`: models of what is sent;
- `version`: the version of the record, from `If-Match`, which is required then;
- `key`: a one-time key for the operation. Every request that changes something needs an
  `Idempotency-Key`; see `repeating`.

Its return annotation is the model of the answer; None: there is none (204). The first line of its docstring
is its title in the documentation, the rest is the text below it. Its name is its `operationId`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any, get_type_hints

from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.staff.scopes import Scope

if TYPE_CHECKING:
    from pydantic import TypeAdapter

#: Longest body of a request, in bytes, unless an operation says otherwise.
BODY_LIMIT = 256 * 1024
#: What is sent and answered, unless an operation says otherwise.
JSON = "application/json"
_ATTRIBUTE = "paidsupport_operations"
_PARTS = ("ctx", "body", "query", "version", "key")

View = Callable[..., Any]


@dataclass(frozen=True)
class Operation:
    """One address with one method.

    Attributes:
        rule: The address below the prefix, as Werkzeug writes it.
        method: `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
        scope: What a token needs; None: it is open to everyone.
        view: What answers.
        status: The status of a success.
        limit: Longest body, in bytes.
    """

    rule: str
    method: str
    scope: Scope | None
    view: View
    status: int
    limit: int

    @property
    def name(self) -> str:
        """Its `operationId`."""
        return self.view.__name__

    @property
    def tag(self) -> str:
        """Under which heading it stands in the documentation: what its module calls `TAG`."""
        return str(getattr(inspect.getmodule(self.view), "TAG", "Desk"))

    @property
    def changes(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET"

    @property
    def title(self) -> str:
        """What it does, in a line."""
        return inspect.getdoc(self.view).partition("\n")[0].rstrip(".")  # type: ignore[union-attr]  # checked

    @property
    def text(self) -> str:
        """What else there is to say about it."""
        return inspect.getdoc(self.view).partition("\n")[2].strip()  # type: ignore[union-attr]  # as above

    @cached_property
    def hints(self) -> dict[str, Any]:
        """The types of what the view takes and returns, by name."""
        return get_type_hints(self.view)

    @property
    def body(self) -> Any:  # noqa: ANN401  # a model
        """The model of what is sent; None if nothing is."""
        return self.hints.get("body")

    @property
    def query(self) -> Any:  # noqa: ANN401  # a model
        """The model of the query; None if there is none."""
        return self.hints.get("query")

    @property
    def answer(self) -> Any:  # noqa: ANN401  # a model
        """The model of the answer; NoneType if there is none."""
        return self.hints["return"]

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """What checks and writes the answer."""
        from pydantic import TypeAdapter  # noqa: PLC0415  # late: a worker that is never asked does not hold it

        return TypeAdapter(self.answer)

    @property
    def answers_json(self) -> bool:
        """Whether a model says what is answered: otherwise its view makes the whole answer."""
        from flask import Response  # noqa: PLC0415  # only the description asks

        made = self.answer
        return made is not type(None) and not (inspect.isclass(made) and issubclass(made, Response))

    @property
    def takes_content(self) -> str:
        """The type of what is sent, if it is taken as it is."""
        return ""

    @cached_property
    def takes(self) -> frozenset[str]:
        """The names of what the view takes."""
        return frozenset(inspect.signature(self.view).parameters)

    @cached_property
    def path(self) -> str:
        """Its address as OpenAPI writes it."""
        return "".join(f"{{{part}}}" if named else part for part, _kind, named in _pieces(self.rule))

    @cached_property
    def addressed(self) -> Sequence[tuple[str, str]]:
        """The parts of its address, each with what Werkzeug makes of it (`int`, or empty)."""
        return [(part, kind) for part, kind, named in _pieces(self.rule) if named]

    def parts(self) -> list[str]:
        """The parts of its address, in order."""
        return [name for name in inspect.signature(self.view).parameters if name not in _PARTS]


def get(rule: str, *, scope: Scope | None = Scope.READ) -> Callable[[View], View]:
    """Declare a view that reads."""
    return _declared(rule, "GET", scope, 200, BODY_LIMIT)


def post(
    rule: str, *, scope: Scope = Scope.WRITE, status: int = 200, limit: int = BODY_LIMIT
) -> Callable[[View], View]:
    """Declare a view that does something; `status` is 201 if it makes something."""
    return _declared(rule, "POST", scope, status, limit)


def put(rule: str, *, scope: Scope = Scope.WRITE, limit: int = BODY_LIMIT) -> Callable[[View], View]:
    """Declare a view that puts something in a place, whatever was there."""
    return _declared(rule, "PUT", scope, 200, limit)


def patch(rule: str, *, scope: Scope = Scope.WRITE) -> Callable[[View], View]:
    """Declare a view that changes the fields that are sent."""
    return _declared(rule, "PATCH", scope, 200, BODY_LIMIT)


def delete(rule: str, *, scope: Scope = Scope.WRITE) -> Callable[[View], View]:
    """Declare a view that takes something away."""
    return _declared(rule, "DELETE", scope, 200, BODY_LIMIT)


def operations_of(modules: Iterable[ModuleType]) -> Iterator[Operation]:
    """The operations that `modules` declare, in their order."""
    for module in modules:
        for view in vars(module).values():
            # a view that was imported from elsewhere is that module's
            if getattr(view, "__module__", "") == module.__name__:
                yield from getattr(view, _ATTRIBUTE, ())


def _pieces(rule: str) -> Iterator[tuple[str, str, bool]]:
    """What a rule consists of: text, and names with what stands before their colon."""
    text, *others = rule.split("<")
    yield text, "", False
    for other in others:
        inner, _, text = other.partition(">")
        kind, _, name = inner.rpartition(":")
        yield name, kind.partition("(")[0], True
        yield text, "", False


def _declared(rule: str, method: str, scope: Scope | None, status: int, limit: int) -> Callable[[View], View]:
    def declare(view: View) -> View:
        if not view.__doc__:
            raise ConfigurationError(f"The API operation “{view.__name__}” does not say what it does.")
        found = Operation(rule, method, scope, view, status, limit)
        vars(view).setdefault(_ATTRIBUTE, []).append(found)
        return view

    return declare
