"""The state of a decision."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Asked(Protocol):
    """What the customer was asked: the answer, if any, and until when it can be given."""

    answer: str
    valid_until: datetime | None


def state_of(decision: Asked, now: datetime) -> str:
    """`open`, `expired`, or the answer."""
    if decision.answer:
        return decision.answer
    return "expired" if decision.valid_until is not None and decision.valid_until <= now else "open"


def is_open(decision: Asked, now: datetime) -> bool:
    """Whether it can still be answered."""
    return state_of(decision, now) == "open"
