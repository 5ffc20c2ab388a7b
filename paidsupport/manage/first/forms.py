"""The forms of the first run."""

from __future__ import annotations

from wtforms import StringField

from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.forms import Form, line
from paidsupport.kernel.web.merging import MergedForm


class BeginForm(Form):
    """The set-up code, and the name of who has it."""

    code = StringField(_("Set-up code"), [line])
    name = StringField(_("Your name"), [line], description=_("Customers and colleagues see it."))


class NameForm(MergedForm):
    """What the desk is called, and its time zone."""

    name = StringField(_("Name of the desk"), description=_("It is part of every page and email."))
    time_zone = StringField(_("Time zone"), description=_("Like Europe/Berlin."))

    def typed(self) -> dict[str, str]:
        """What was filled in."""
        return {name: self[name].data or "" for name in ("name", "time_zone")}


class ServiceForm(Form):
    """A service that is made from a template."""

    price = StringField(_("Price"), render_kw={"inputmode": "decimal", "autocomplete": "off"})
    currency = StringField(
        _("Currency"),
        description=_("The three letters of a currency, like EUR or USD."),
        render_kw={"autocomplete": "off"},
    )
