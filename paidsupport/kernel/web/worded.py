"""Forms of a title and a text that can be written in other languages of the desk as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from wtforms import StringField, TextAreaField
from wtforms.fields import Field

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import offered
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.i18n.names import choices
from paidsupport.kernel.web.forms import TYPED, Form
from paidsupport.kernel.web.merging import MergedForm

F = TypeVar("F", bound="WordedForm")
T = TypeVar("T", bound="TextsForm")
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


class TextsForm(MergedForm):
    """A form about something with texts in several languages: `label_de` and the like beside `label`."""

    #: The names of its fields that can be translated.
    worded: Sequence[str] = ()
    #: The other languages that it has fields for, as pairs of tag and name.
    languages: Sequence[tuple[str, str]] = ()

    def of_language(self, tag: str) -> list[Field]:
        """The fields of another language."""
        return [self[f"{name}_{tag}"] for name in self.worded]

    def lacking(self, tag: str) -> int:
        """How many texts that are there another language does not have."""
        return sum(bool(self[name].data and not self[f"{name}_{tag}"].data) for name in self.worded)

    @property
    def typed(self) -> dict[str, Any]:
        """What was filled in, by field; a text that the form did not have when it was opened says nothing."""
        shown = [field for field in self if getattr(field.widget, "input_type", "") != "hidden"]
        sent = [field for field in shown if field.raw_data or field.type not in TYPED]
        return {field.name: field.data for field in sent}


def with_texts(ctx: Context, kind: type[T]) -> type[T]:
    """This kind of form, with a field of the same kind for each of its texts in each other language."""
    languages = choices(offered(ctx.services.settings.languages)[1:])
    fields: dict[str, object] = {"languages": languages}
    for tag, language in languages:
        for name in kind.worded:
            own = getattr(kind, name)
            label = _("%(label)s (%(language)s)", label=own.args[0], language=language)
            fields[f"{name}_{tag}"] = own.field_class(label)
    return type(f"{kind.__name__}InLanguages", (kind,), fields)
