"""The doctor proves every invariant on the live data (N9)."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError

from paidsupport.desk import (
    doctor_analysis,
    doctor_calls,
    doctor_claims,
    doctor_contacts,
    doctor_deadlines,
    doctor_decisions,
    doctor_deliveries,
    doctor_duty,
    doctor_estimates,
    doctor_gaps,
    doctor_histories,
    doctor_invoices,
    doctor_issues,
    doctor_ledger,
    doctor_letters,
    doctor_merging,
    doctor_notices,
    doctor_privacy,
    doctor_requests,
    doctor_resolution,
    doctor_reviews,
    doctor_rows,
    doctor_sales,
    doctor_vault,
    parking,
)
from paidsupport.desk.invariants import invariants_of
from paidsupport.desk.visit import Visit

#: What must hold at any moment, by the sentence that is printed.
INVARIANTS = invariants_of(
    *(doctor_claims, doctor_contacts, doctor_decisions, doctor_histories, doctor_letters, doctor_vault),
    *(doctor_deadlines, doctor_notices, doctor_merging, doctor_duty),
    *(doctor_issues, doctor_privacy, doctor_resolution, doctor_analysis, doctor_estimates, doctor_reviews),
    *(doctor_requests, doctor_calls, doctor_gaps),
    *(doctor_sales, doctor_invoices, doctor_deliveries),
    *(doctor_ledger, doctor_rows, parking),
)
#: Lines told about one broken invariant; the rest is counted.
_MOST_LINES = 50


def examine(visit: Visit) -> dict[str, list[str]]:
    """Every invariant by its sentence, with a line for each row that breaks it; empty lists are good."""
    found: dict[str, list[str]] = {}
    for sentence, check in INVARIANTS.items():
        lines: list[str] = []
        extra = 0
        try:
            for line in check(visit):
                if len(lines) < _MOST_LINES:
                    lines.append(line)
                else:
                    extra += 1
        except (TypeError, ValueError) as error:
            lines.append(f"a row cannot be read: {error}")
        except OperationalError as error:
            # SQLite looks into JSON only when somebody asks for a value in it
            if "malformed JSON" not in str(error.orig):
                raise
            lines.append("a row cannot be read: malformed JSON")
        found[sentence] = [*lines, f"… and {extra} more"] if extra else lines
    return found
