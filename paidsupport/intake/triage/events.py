"""Kinds of events of triage and the roster."""

from __future__ import annotations

from paidsupport.kernel.events import Fact, colleague, one_of
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.tickets.events import event

KINDS = (
    event(
        "cascade",
        one_of(
            "colleague",
            {None: _("{who} could tell no manager that it has no owner: there is none")},
            _("{who} told {colleague} that it has no owner"),
        ),
        {"colleague": colleague()},
        keeps=frozenset({"colleague", "step"}),
        facts={
            "told": Fact("The ids of the members of staff who were told", ("integers",)),
            "step": Fact("Which step it is: 1 for the first", ("integer",)),
            "management": Fact("Whether these are all managers, because no one else is left", ("boolean",)),
        },
    ),
    event("undocumented", _("{who} said that no page answers it")),
)
