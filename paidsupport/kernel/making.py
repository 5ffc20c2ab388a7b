"""Making transitions of one kind of record, by the engine that is mounted for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

from paidsupport.kernel.context import Context
from paidsupport.kernel.engine import Engine, Possible
from paidsupport.kernel.transitions import F, R
from paidsupport.kernel.workflow import Transition


class Transitions(Generic[R, F]):
    """The transitions of one kind of record.

    Args:
        kind: what its engine is registered as.
        blank: a form of a transition into which nothing was filled.
        lock: gives the record with a code, held until the transaction ends. Raises NotFoundError.
        tidy: what was filled in, as it is kept. Raises InvalidInputError.
    """

    def __init__(
        self, kind: str, blank: F, *, lock: Callable[[Context, str], R], tidy: Callable[[F], F]
    ) -> None:
        self._kind, self._blank, self._lock, self._tidy = kind, blank, lock, tidy

    def make(
        self, ctx: Context, code: str, name: str, *, version: int, key: str, filled: F | None = None
    ) -> R:
        """Make the transition `name` on the record with this code as it was seen at `version`.

        A resent `key` does nothing more.

        Raises:
            NotFoundError: there is no such record or transition.
            StaleTicketError, StaleIssueError: another request was faster.
            TransitionRefusedError: not from this state, not for this role, or a need does not hold.
            InvalidInputError, KeyReusedError: as for every form.
        """
        return self.apply(ctx, self._lock(ctx, code), name, version=version, key=key, filled=filled)

    def apply(
        self,
        ctx: Context,
        record: R,
        name: str,
        *,
        version: int,
        key: str | None = None,
        filled: F | None = None,
    ) -> R:
        """As `make`, for a record whose lock is held already."""
        tidy = self._tidy(filled or self._blank)
        return self._engine(ctx).make(ctx, record, name, tidy, version=version, key=key)

    def facts(
        self,
        ctx: Context,
        record: R,
        transition: Transition,
        filled: F | None = None,
        page: object = None,
        *,
        asked_for: bool = True,
    ) -> dict[str, bool | None]:
        """The facts a transition needs, as they are now.

        Args:
            filled: what was filled into its form so far.
            page: what has been read of the record already.
            asked_for: whether with those that its form asks for.
        """
        rules = self._engine(ctx)
        attempt = rules.attempt(ctx, record, transition, filled or self._blank, page)
        return rules.facts(attempt, asked_for=asked_for)

    def possible(self, ctx: Context, record: R, page: object = None) -> list[Possible]:
        """The transitions this person may try now, each with what still stands against it.

        `page`: what has been read of the record already.
        """
        return self._engine(ctx).possible(ctx, record, self._blank, page)

    def _engine(self, ctx: Context) -> Engine[Context, R, F]:
        return ctx.services.engines[self._kind]
