"""What the fields of mailboxes, guides and the roster are called, and how their values are told."""

from __future__ import annotations

from flask import url_for

from paidsupport.intake.duty.forms import WEEKDAYS, AbsenceForm, ShiftForm
from paidsupport.intake.guides.forms import NewGuideForm
from paidsupport.intake.mailboxes.forms import MailboxForm
from paidsupport.intake.mailboxes.operations import SECURITIES
from paidsupport.kernel.configuration.telling import Field, Telling, Things, choice
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.web.labels import fields_of


def things() -> Things:
    """All fields of these, by the kinds of their things."""
    shifts = fields_of(ShiftForm)
    roster = {
        "weekday": Field(_("Day"), choice({day[:3]: day for day in WEEKDAYS})),
        "day": Field(_("Day"), choice({str(day): day for day in WEEKDAYS})),
        "from": shifts["starts"],
        "until": shifts["ends"],
        "place": shifts["position"],
        "order": shifts["position"],
    }
    return {
        "mailbox": fields_of(MailboxForm, security=Field("", choice(SECURITIES))),
        "guide": fields_of(
            NewGuideForm,
            edition=Field(_("Version"), href=_edition),
            order=Field(_("Order")),
            explains=Field(_("Explains"), _state),
        ),
        "roster": {**fields_of(AbsenceForm), **shifts, **roster},
        "shift": {**shifts, **roster},
    }


def _edition(slug: str, number: int) -> str:
    """Where to read a version of a guide: of its text, only the number is told."""
    return url_for("paidsupport.guide_edition", slug=slug, number=number)


def _state(name: object, telling: Telling) -> object:
    """A state or transition that a guide explains."""
    flows = telling.ctx.services.workflows.values()
    labels = {state.name: state.label for flow in flows for state in flow.states}
    labels |= {move.name: move.label for flow in flows for move in flow.transitions}
    return labels.get(str(name), name)
