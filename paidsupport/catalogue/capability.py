"""The catalogue as a capability: every desk has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from paidsupport.catalogue.checklists.views import evidence, items, traits
from paidsupport.catalogue.deadlines import views as deadlines
from paidsupport.catalogue.hooks import HOOKS
from paidsupport.catalogue.questions import views as questions
from paidsupport.catalogue.services.views import lists, publishing, requirements, service
from paidsupport.kernel.capability import Background, Capability
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.navigation import Area


def _background() -> Background:
    from paidsupport.catalogue import invariants  # noqa: PLC0415  # late: no page needs it
    from paidsupport.kernel.configuration import invariants as configuration  # noqa: PLC0415  # as above

    return Background(invariants=(invariants, configuration))


def _configured() -> Sequence[Any]:
    from paidsupport.catalogue.operations.file import PARTS  # noqa: PLC0415  # late: it needs tomlkit

    return PARTS


def _things() -> Mapping[str, Mapping[str, Any]]:
    from paidsupport.catalogue.telling import things  # noqa: PLC0415  # late: few pages tell changes

    return things()


CATALOGUE = Capability(
    name="catalogue",
    views=(
        *(lists, service, requirements, publishing),
        *(questions, items, evidence, traits, deadlines),
    ),
    areas=(
        Area(
            10,
            _("Services"),
            _("What customers can order, at which price, and what is asked and checked."),
            "paidsupport.setup_services",
            "copy",
        ),
        Area(
            20,
            _("Checklist"),
            _("What is done on customers' servers, in which order, and what proves it."),
            "paidsupport.checklist_setup",
            "check",
        ),
        Area(
            30,
            _("Deadlines"),
            _("How much working time orders of each kind have, and when staff are warned."),
            "paidsupport.deadlines_setup",
            "bell",
        ),
    ),
    hooks=HOOKS,
    configured=_configured,
    things=_things,
    background=_background,
)
