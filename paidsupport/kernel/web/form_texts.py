"""What WTForms says by itself, in our words and languages."""

from __future__ import annotations

from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _

_ENTER, _CHOOSE = _("Enter something here."), _("Choose one of these.")
_NUMBER = _("Enter a whole number, like 3.")
_OURS = {
    "This field is required.": _ENTER,
    "Not a valid choice.": _CHOOSE,
    "Invalid Choice: could not coerce.": _CHOOSE,
    "Invalid choice(s): one or more data inputs could not be coerced.": _CHOOSE,
    "'%(value)s' is not a valid choice for this field.": _CHOOSE,
    "Not a valid integer value.": _NUMBER,
    "Not a valid decimal value.": _("Enter a number."),
    "Not a valid float value.": _("Enter a number."),
    "Not a valid date value.": _("Enter a day, like 2026-12-31."),
    "Not a valid datetime value.": _("Enter a day and a time, like 2026-12-31 14:00."),
    "Not a valid time value.": _("Enter a time, like 14:00."),
    "Invalid email address.": _("Enter an email address like name@example.org."),
    "Invalid URL.": _("Enter an address like https://example.org."),
    "Number must be at least %(min)s.": _("Enter %(min)s or more."),
    "Number must be at most %(max)s.": _("Enter %(max)s or less."),
    "Number must be between %(min)s and %(max)s.": _("Enter a number from %(min)s to %(max)s."),
}


class Texts:
    """What WTForms asks for its sentences; it fills their places in by itself."""

    def gettext(self, text: str) -> str:
        """One of its sentences."""
        return str(translate(_OURS.get(text, text)))

    def ngettext(self, one: str, several: str, number: int) -> str:
        """One of its sentences about a number."""
        return self.gettext(one if number == 1 else several)


TEXTS = Texts()
