"""Kinds of events of triage and the roster."""

from __future__ import annotations

from paidsupport.kernel.events import colleague, one_of
from paidsupport.tickets.events import event

KINDS = (
    event(
        "cascade",
        one_of(
            "colleague",
            {None: "{who} told nobody: there is no manager that nobody has taken it"},
            "{who} told {colleague} that nobody has taken it",
        ),
        {"colleague": colleague()},
        keeps=frozenset({"colleague", "step"}),
        webhook=True,
    ),
    event("undocumented", "{who} said that no page answers it"),
)
