"""What the fields of settings, staff, reasons and files are called, and how their values are told."""

from __future__ import annotations

from paidsupport.kernel.configuration.managed import MANAGED, SELLER, Kind
from paidsupport.kernel.configuration.telling import (
    Field,
    Fields,
    Telling,
    Things,
    choice,
    language,
    number,
    workflow,
)
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.staff.forms import SCOPES, TokenForm
from paidsupport.kernel.staff.operations import WAY
from paidsupport.kernel.web.labels import fields_of
from paidsupport.manage.reasons.forms import ReasonForm
from paidsupport.manage.staff.forms import ROLES, InviteForm, LinkForm, PersonForm
from paidsupport.manage.ways.forms import CHECKS, WayForm


def things() -> Things:
    """All fields of these, by the kinds of their things."""
    role = Field("", choice({each.value: each.label for each in ROLES}))
    return {
        "setting": _of_settings(),
        "person": fields_of(
            PersonForm,
            role=role,
            user=fields_of(LinkForm)["host_user_id"],
            active=Field(_("Works here")),
            scope=Field(fields_of(TokenForm)["scope"].label, choice(SCOPES)),
            **{"valid until": Field(_("Valid until")), WAY: Field(_("Ways to pay"), _way)},
        ),
        "invitation": fields_of(InviteForm, role=role),
        "reason": fields_of(
            ReasonForm,
            workflow=Field(_("Workflow"), workflow),
            transition=Field(_("Transition"), _transition),
            active=Field(_("Can be chosen")),
        ),
        "way": fields_of(
            WayForm,
            check=Field("", choice({check.value: label for check, label in CHECKS.items()})),
            active=Field(_("Can be chosen")),
        ),
        "file": {"parts": Field(_("Parts"))},
        "export": {"internal_notes": Field(_("Include internal notes"))},
    }


def _of_settings() -> Fields:
    of_seller = {
        name.removeprefix(SELLER): Field(each.label)
        for name, each in MANAGED.items()
        if each.kind is Kind.SELLER
    }
    return {
        **of_seller,
        "value": Field(_("Value"), _setting),
        "configured": Field(_("As configured")),
    }


def _setting(value: object, telling: Telling) -> object:
    """The value of the setting that is told of."""
    about = MANAGED.get(telling.name)
    if about is None or isinstance(value, bool):
        return value
    said = {Kind.LANGUAGES: language, Kind.WORKFLOWS: workflow}.get(about.kind)
    if said and isinstance(value, str):
        return ", ".join(str(translate(said(each, telling))) for each in value.split(",") if each)
    return number(value, telling)


def _way(name: object, telling: Telling) -> object:
    ways = telling.ctx.services.present.ways
    return next((way.label for way in ways if way.name == name), name)


def _transition(name: object, telling: Telling) -> object:
    flows = telling.ctx.services.workflows.values()
    labels = {move.name: move.label for flow in flows for move in flow.transitions}
    return labels.get(str(name), name)
