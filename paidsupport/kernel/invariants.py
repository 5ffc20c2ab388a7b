"""What must hold at any moment, each in a sentence with the check that proves it (N9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType

from sqlalchemy import Select

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import ConfigurationError, NotFoundError

#: Reads the data and yields a line for each row that breaks the invariant.
Check = Callable[[Context], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """A check, and the sentence that the doctor prints for it."""

    sentence: str
    check: Check

    def __call__(self, ctx: Context) -> Iterator[str]:
        """A line for each row that breaks the invariant."""
        return self.check(ctx)


def invariant(sentence: str) -> Callable[[Check], Invariant]:
    """Make a check an invariant, under the sentence that says what must hold."""
    return lambda check: Invariant(sentence, check)


def invariants_of(*modules: ModuleType) -> dict[str, Invariant]:
    """The invariants that `modules` define, in their order, by their sentences.

    Raises:
        ConfigurationError: Two of them have the same sentence.
    """
    found: dict[str, Invariant] = {}
    for module in modules:
        for each in vars(module).values():
            if isinstance(each, Invariant) and found.setdefault(each.sentence, each) is not each:
                raise ConfigurationError(f"Two invariants have the sentence “{each.sentence}”.")
    return found


def faults(ctx: Context, query: Select[str], what: str) -> Iterator[str]:
    """A line for each code that `query` finds, which says `what` is wrong."""
    for code in ctx.session.scalars(query):
        yield f"{code}: {what}"


def is_in_store(ctx: Context, key: str) -> bool:
    """Whether the store of files has something under this key."""
    try:
        ctx.services.files.open(key).close()
    except (NotFoundError, OSError):
        return False
    return True
