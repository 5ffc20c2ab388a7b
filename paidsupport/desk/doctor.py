"""The doctor proves every invariant on the live data (N9)."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError

from paidsupport.desk import (
    doctor_analysis,
    doctor_claims,
    doctor_contacts,
    doctor_deadlines,
    doctor_decisions,
    doctor_deliveries,
    doctor_duty,
    doctor_gaps,
    doctor_histories,
    doctor_invoices,
    doctor_ledger,
    doctor_letters,
    doctor_notices,
    doctor_requests,
    doctor_rows,
    doctor_sales,
    doctor_vault,
    parking,
)
from paidsupport.desk.doctor_calls import calls_complete
from paidsupport.desk.doctor_estimates import INVARIANTS as OF_ESTIMATES
from paidsupport.desk.doctor_issues import INVARIANTS as OF_ISSUES
from paidsupport.desk.doctor_merging import merged_tickets_fit
from paidsupport.desk.doctor_reviews import INVARIANTS as OF_REVIEWS
from paidsupport.desk.invariants import REGISTERED, Check
from paidsupport.desk.visit import Visit

#: The modules that register their checks by themselves when they are imported.
REGISTERING = (
    *(doctor_claims, doctor_decisions, doctor_histories, doctor_ledger),
    *(doctor_letters, doctor_rows, doctor_vault),
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


#: What must hold at any moment, by the sentence that is printed.
INVARIANTS: dict[str, Check] = {
    **REGISTERED,
    **doctor_contacts.INVARIANTS,
    "no job of a worker is parked": parking.nothing_is_parked,
    "notices fit": doctor_notices.notices_fit,
    "a notice letter is for one person": doctor_notices.letters_tell_one_person,
    "histories are read on for notices": doctor_notices.histories_are_read_on,
    **doctor_analysis.INVARIANTS,
    **doctor_duty.INVARIANTS,
    **doctor_deliveries.INVARIANTS,
    **doctor_requests.INVARIANTS,
    **doctor_invoices.INVARIANTS,
    **doctor_gaps.INVARIANTS,
    **doctor_sales.INVARIANTS,
    "calls can be found": calls_complete,
    "merged tickets fit": merged_tickets_fit,
    "deadlines fit": doctor_deadlines.deadlines_fit,
    "what is due is known": doctor_deadlines.due_is_known,
    **OF_ISSUES,
    **OF_ESTIMATES,
    **OF_REVIEWS,
}
