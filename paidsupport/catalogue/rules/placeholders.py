"""The placeholders of canned replies (G20)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from paidsupport.kernel.i18n.messages import Message, _, pgettext

#: Placeholders of canned replies, each with what it is replaced with (G20).
PLACEHOLDERS = {
    "code": _("the confirmation code"),
    "customer": _("the customer's name"),
    "service": _("the service that was ordered"),
    "price": _("its price"),
    "developer": _("your name"),
    "payment": _("the payment line of your profile"),
}
#: What staff call them in their language: one word each, which is written between braces.
PLACEHOLDER_NAMES = {
    # Translators: one word in small letters, another for each name; staff write it in braces: {customer}
    "code": pgettext("placeholder", "code"),
    "customer": pgettext("placeholder", "customer"),
    "service": pgettext("placeholder", "service"),
    "price": pgettext("placeholder", "price"),
    "developer": pgettext("placeholder", "developer"),
    "payment": pgettext("placeholder", "payment"),
}
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def unknown_placeholders(text: str) -> list[str]:
    """The names between braces in `text` that are not placeholders, in order."""
    return [name for name in dict.fromkeys(_PLACEHOLDER.findall(text)) if name not in PLACEHOLDERS]


def not_a_placeholder(name: str, known: Iterable[str] = PLACEHOLDERS) -> Message:
    """Why a name between braces cannot stay; `known` are those that can stand there."""
    wrong, *others = (f"{{{each}}}" for each in (name, *known))
    return _("%(name)s isn't a placeholder. Use one of %(known)s.", name=wrong, known=", ".join(others))


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with each known placeholder replaced once; nothing else in it has a meaning.

    Deliberately not a template language: what people type is never executed.
    """
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)
