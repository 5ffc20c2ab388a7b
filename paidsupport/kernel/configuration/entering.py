"""Entering the values of something that is made from them: tidied, checked, and their secrets sealed.

Providers of payments and connections are set up so. A secret is bound to the values for which it was entered:
with another one of these, it is entered again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from paidsupport.kernel import faults
from paidsupport.kernel.configuration import sealing
from paidsupport.kernel.configuration.reading import Reader
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.errors import ConfigurationError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.links import Links
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from paidsupport.kernel.text import is_visible

AGAIN = _("Enter this again: it was for another account or server.")
CLOSED = _("This can't be read any more. Enter it again.")
INCOMPLETE = _("Something is missing. Fill in the form below and save it.")


@dataclass(frozen=True, slots=True)
class Entering:
    """What is entered for one kind of thing.

    Attributes:
        kind: The name of the kind: fields of forms and of the history begin with it, because two kinds may
            have values of the same name.
        values: What managers enter.
        wrong: What is wrong with the values, by name.
        binding: The values to which its secrets belong.
        bound_to: What a secret is bound to, from the values and its name.
        more: Values that are not entered, but that `wrong` knows.
    """

    kind: str
    values: Sequence[Value]
    wrong: Callable[[Values], Mapping[str, Message]]
    binding: Sequence[str]
    bound_to: Callable[[Values, str], str]
    more: Values = field(default_factory=dict)

    @property
    def plain(self) -> list[Value]:
        """The values that are no secrets."""
        return [each for each in self.values if not each.secret]

    def field(self, value: Value) -> str:
        """What a value is called in forms and in the history."""
        return field_of(self.kind, value)

    def shown(self, given: Values) -> dict[str, str]:
        """Values by field, as a form shows them, without secrets."""
        return {self.field(each): given.get(each.name, each.default) for each in self.plain}

    def kept(self, typed: Mapping[str, Any]) -> dict[str, str]:
        """Values by name, as they are kept, from those by field."""
        return {each.name: typed[self.field(each)] for each in self.plain}

    def tidied(self, fields: Fields, typed: Mapping[str, Any]) -> dict[str, str]:
        """What was filled in, by field; what is wrong with single lines goes to `fields`."""
        filled = dict[str, str]()
        for each in self.plain:
            name = self.field(each)
            filled[name] = fields.one_line(name, str(typed.get(name, each.default) or "")).strip()
            if each.choices and filled[name] not in each.choices:
                fields.refuse(name, _("Choose one of these."))
        return filled

    def secrets(self, fields: Fields, typed: Mapping[str, str]) -> dict[str, str]:
        """The new secrets by name, from those by field: an empty one keeps the one there is."""
        given = {
            each.name: fields.one_line(self.field(each), typed.get(self.field(each), ""))
            for each in self.values
            if each.secret
        }
        return {name: secret for name, secret in given.items() if secret}

    @property
    def keys(self) -> list[str]:
        """The keys that it has in a file of the configuration: secrets are never in it."""
        return [each.name for each in self.plain]

    def read(self, reader: Reader, given: Mapping[str, Any], where: str) -> dict[str, str]:
        """Values by field from a table of a file; what is wrong with them goes to `reader`."""
        fields = Fields()
        typed = {
            self.field(each): reader.text(given, each.name, where) or each.default for each in self.plain
        }
        values = self.tidied(fields, typed)
        secrets = {each.name for each in self.values if each.secret}
        if not fields.problems:
            for name, sentence in self.problems(self.kept(values), tuple(secrets)).items():
                if name.removeprefix(f"{self.kind}_") not in secrets:
                    fields.refuse(name, sentence)
        for name, sentences in fields.problems.items():
            for sentence in sentences:
                reader.fault(where, faults.message(sentence), name.removeprefix(f"{self.kind}_"))
        return values

    def is_elsewhere(self, before: Values, after: Values) -> bool:
        """Whether secrets that belong to these values, by name, have to be entered again."""
        return any(before.get(name, "") != after.get(name, "") for name in self.binding)

    def problems(self, values: Values, known: Sequence[str] = ()) -> dict[str, str]:
        """What is wrong with values, by field.

        Args:
            values: By name, with secrets.
            known: Names of secrets that are there, or are asked for elsewhere.
        """
        wrong = self.wrong({**values, **self.more})
        found = {self.field(each): str(wrong[each.name]) for each in self.values if each.name in wrong}
        for each in self.values:
            if each.required and not is_visible(values.get(each.name, "")) and each.name not in known:
                found.setdefault(self.field(each), _("Enter something here."))
        return found

    def check(
        self,
        fields: Fields,
        links: Links,
        values: Values,
        secrets: Mapping[str, str],
        before: tuple[Values, Mapping[str, Any]] | None,
    ) -> None:
        """Refuse what is wrong, and secrets that belong to other values or cannot be opened.

        Args:
            fields: Receives what is refused.
            links: Knows the site's keys.
            values: By name, without secrets.
            secrets: The new secrets by name.
            before: The values and the sealed secrets that there were; None: there was nothing.
        """
        was, sealed = before or ({}, {})
        elsewhere = before is not None and self.is_elsewhere(was, values)
        whole = {**values, **secrets}
        for each in self.values:
            if each.name in secrets or each.name not in sealed:
                continue
            if elsewhere:
                if each.required:
                    fields.refuse(self.field(each), AGAIN)
                continue
            try:
                whole[each.name] = sealing.open_text(
                    links, self.bound_to(values, each.name), sealed[each.name]
                )
            except ConfigurationError:
                fields.refuse(self.field(each), CLOSED)
        for name, sentence in self.problems(whole).items():
            fields.refuse(name, sentence)

    def sealed(
        self,
        links: Links,
        values: Values,
        secrets: Mapping[str, str],
        before: tuple[Values, Mapping[str, Any]] | None,
    ) -> dict[str, Any]:
        """The sealed secrets by name: the new ones, and those that belong to the same values; see `check`."""
        kept = dict(before[1]) if before and not self.is_elsewhere(before[0], values) else {}
        new = {
            name: sealing.sealed(links, self.bound_to(values, name), secret)
            for name, secret in secrets.items()
        }
        return {**kept, **new}


def field_of(kind: str, value: Value) -> str:
    """What a value of a kind is called in forms and in the history."""
    return f"{kind}_{value.name}"


def answered(check: Callable[[], str], silent: str) -> str:
    """What stands in the way when the other side is called, in a sentence; empty if nothing does.

    Args:
        check: Calls it. Raises NotSentError and UnclearError.
        silent: The sentence if it does not answer in time.
    """
    try:
        return check()
    except NotSentError as error:
        return str(error)
    except UnclearError:
        return silent
