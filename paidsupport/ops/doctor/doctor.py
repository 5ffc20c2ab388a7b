"""The doctor proves every invariant on the live data (N9)."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError

from paidsupport.kernel.context import Context
from paidsupport.kernel.invariants import invariants_of

#: Lines told about one broken invariant; the rest is counted.
_MOST_LINES = 50


def examine(ctx: Context) -> dict[str, list[str]]:
    """Every invariant by its sentence, with a line for each row that breaks it; empty lists are good."""
    found: dict[str, list[str]] = {}
    for sentence, check in invariants_of(*ctx.services.capabilities.background.invariants).items():
        lines: list[str] = []
        extra = 0
        try:
            for line in check(ctx):
                if len(lines) < _MOST_LINES:
                    lines.append(line)
                else:
                    extra += 1
        except (TypeError, ValueError) as error:
            lines.append(f"a row cannot be read: {error}")
        except OperationalError as error:
            # SQLite looks into JSON only when a value in it is read
            if "malformed JSON" not in str(error.orig):
                raise
            lines.append("a row cannot be read: malformed JSON")
        found[sentence] = [*lines, f"… and {extra} more"] if extra else lines
    return found
