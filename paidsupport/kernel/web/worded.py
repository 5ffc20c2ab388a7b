"""Forms of a title and a text that can be written in other languages of the desk as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from wtforms import StringField, TextAreaField

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import offered
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.names import choices
from paidsupport.kernel.web.forms import Form

F = TypeVar("F", bound="WordedForm")
_NAMES = ("title", "body")


class WordedForm(Form):
    """Has the fields `title` and `body`; those of another language are `title_de` and the like."""

    #: The other languages that it has fields for, as pairs of tag and name.
    languages: Sequence[tuple[str, str]] = ()

    def in_languages(self) -> dict[str, dict[str, str]]:
        """The texts in other languages, by tag."""
        return {
            tag: {name: self[f"{name}_{tag}"].data or "" for name in _NAMES}
            for tag, _name in self.languages
            # a form without these fields says nothing about them
            if self[f"body_{tag}"].raw_data
        }


def in_languages(ctx: Context, kind: type[F]) -> type[F]:
    """This kind of form, with fields for the languages of the desk other than its main one."""
    languages = choices(offered(ctx.services.settings.languages)[1:])
    fields: dict[str, object] = {"languages": languages}
    for tag, name in languages:
        fields[f"title_{tag}"] = StringField(_("Title (%(language)s)", language=name))
        fields[f"body_{tag}"] = TextAreaField(_("Text (%(language)s)", language=name))
    return type(f"{kind.__name__}InLanguages", (kind,), fields)


def typed_before(translations: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The initial values of the fields of other languages."""
    return {f"{name}_{tag}": text for tag, texts in translations.items() for name, text in texts.items()}
