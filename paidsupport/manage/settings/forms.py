"""The forms of settings: one for each group, made from what is declared of its settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from wtforms import BooleanField, PasswordField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from paidsupport.kernel.configuration.checks import YES
from paidsupport.kernel.configuration.choosing import Value
from paidsupport.kernel.configuration.managed import Kind, Managed, of_group
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.merging import MergedForm

#: What the control of a kind of setting carries.
_OF_KIND: Mapping[Kind, dict[str, Any]] = {
    Kind.NUMBER: {"inputmode": "numeric", "size": 8, "autocomplete": "off"},
    Kind.ADDRESS: {"inputmode": "email", "autocomplete": "off"},
    Kind.ZONE: {"list": "ps-zones", "autocomplete": "off", "spellcheck": "false"},
    Kind.HOLIDAYS: {"list": "ps-countries", "autocomplete": "off", "spellcheck": "false", "size": 8},
    Kind.CLOSED: {"autocomplete": "off", "spellcheck": "false", "dir": "ltr"},
    Kind.LINK: {"inputmode": "url", "autocomplete": "off", "spellcheck": "false"},
    Kind.SECRET: {"autocomplete": "new-password"},
}


class SettingsForm(MergedForm):
    """The settings of a group, as they are typed."""

    #: What it has fields for.
    managed: tuple[Managed, ...] = ()

    def typed(self) -> dict[str, str]:
        """What stands in each field, as text."""
        return {each.name: _text(self[each.name].data) for each in self.managed}


@cache
def form_of(group: str) -> type[SettingsForm]:
    """The form of a group."""
    managed = tuple(of_group(group))
    return type(
        "GroupForm", (SettingsForm,), {"managed": managed} | {each.name: _field(each) for each in managed}
    )


def filled(
    group: str, values: Mapping[str, Value], workflows: Mapping[str, str], *, sent: bool = True
) -> SettingsForm:
    """The form of a group as it was sent, or with the present values.

    Args:
        group: Its name.
        values: The present values, by name.
        workflows: The labels of those that are mounted, by name.
        sent: Whether it may have been sent.
    """
    kind = form_of(group)
    texts = {each.name: values[each.name].text for each in kind.managed}
    more: dict[str, Any] = {} if sent else {"formdata": None}
    form = kind(data={each.name: _data(each, texts[each.name]) for each in kind.managed}, **more)
    for each in kind.managed:
        if each.kind is Kind.WORKFLOWS:
            form[each.name].choices = list(workflows.items())
    form.show(texts)
    return form


def _field(about: Managed) -> Any:  # noqa: ANN401  # an unbound field
    words: dict[str, Any] = {
        "label": about.label,
        "description": _hint(about),
        "render_kw": _OF_KIND.get(about.kind),
    }
    if about.kind is Kind.YES_NO:
        return BooleanField(**words)
    if about.kind is Kind.WORKFLOWS:
        look: dict[str, Any] = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}
        return SelectMultipleField(validate_choice=False, **look, **words)
    kind: type[StringField] = PasswordField if about.kind is Kind.SECRET else StringField
    return kind(**words)


def _hint(about: Managed) -> str:
    if about.kind is Kind.NUMBER and about.hint is None:
        return _("From 1 to %(most)s.", most=about.most)
    return about.hint or ""


def _data(about: Managed, text: str) -> Any:  # noqa: ANN401  # what its field holds
    if about.kind is Kind.WORKFLOWS:
        return text.split(",")
    return bool(text) if about.kind is Kind.YES_NO else text


def _text(data: Any) -> str:  # noqa: ANN401  # as above
    if isinstance(data, list):
        return ",".join(sorted(data))
    if isinstance(data, bool):
        return YES if data else ""
    return data or ""
