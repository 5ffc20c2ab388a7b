"""The questions a service asks, and what counts as an answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from paidsupport.catalogue.rules.circles import circle
from paidsupport.catalogue.rules.names import QUESTION
from paidsupport.kernel import faults
from paidsupport.kernel.faults import Fault
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import BadTextError, many_lines, one_line


class Kind(StrEnum):
    """What kind of answer a question takes."""

    TEXT = "text"
    LONG_TEXT = "long text"
    CHOICE = "choice"
    SEVERAL = "several"
    YES_NO = "yes/no"
    NUMBER = "number"
    URL = "url"
    DATE = "date"


#: The kinds whose answers are chosen from a list.
WITH_CHOICES = frozenset({Kind.CHOICE, Kind.SEVERAL})
ONLY_LISTED = _("Only questions with a list of answers have these. Remove them, or choose another kind.")


class Moment(StrEnum):
    """When a question is asked: on the order form, or by the developer at first contact (G7)."""

    ORDER = "order"
    CONTACT = "contact"


R = TypeVar("R")

#: An answer as it is stored: a list for several choices, otherwise a text.
Answer = str | list[str]

_NUMBER = re.compile(r"-?\d{1,12}(?:[.,]\d{1,6})?")


def keys(rule: Any) -> tuple[str, ...]:  # noqa: ANN401  # a data class, or one of its kind
    """The attributes of a question or checklist item, by their names in rows and files."""
    return tuple(each.name for each in fields(rule))


def as_row(rule: Any) -> dict[str, Any]:  # noqa: ANN401  # as above
    """A rule as the values of a row: lists and plain strings."""
    said = {name: getattr(rule, name) for name in keys(rule)}
    lists = {name: list(value) for name, value in said.items() if isinstance(value, tuple)}
    return said | lists | {name: str(value) for name, value in said.items() if isinstance(value, str)}


def of_row(rule: type[R], row: Any, /, **otherwise: Any) -> R:  # noqa: ANN401  # a row
    """The rule in a row; `otherwise`: attributes that the row stores differently."""
    said = {name: getattr(row, name) for name in keys(rule)}
    lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    return rule(**{**said, **lists, **otherwise})


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a service; it is shown if the question `shown_by` has the answer `shown_value`.

    The work has the `trait` when the answer is, or contains, `trait_value` (G12).
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()
    shown_by: str = ""
    shown_value: str = ""
    moment: Moment = Moment.ORDER
    trait: str = ""
    trait_value: str = ""

    def is_shown(self, answers: Mapping[str, Answer]) -> bool:
        """Whether this question is asked at all, given the `answers` so far."""
        if not self.shown_by:
            return True
        given = answers.get(self.shown_by, "")
        return self.shown_value in given if isinstance(given, list) else self.shown_value == given

    def check(self, typed: Sequence[str]) -> Answer:
        """The answer as it is stored. Raises BadTextError with an error message for the field."""
        values = [value for value in typed if value.strip()]
        if not values:
            if self.required:
                raise BadTextError(_("Answer this question."))
            return [] if self.kind is Kind.SEVERAL else ""
        if self.kind is Kind.SEVERAL:
            return [_chosen(self, value) for value in dict.fromkeys(values)]
        if len(values) > 1:
            raise BadTextError(_("Give one answer only."))
        return _chosen(self, values[0]) if self.kind is Kind.CHOICE else _CHECKS[self.kind](values[0])


def _chosen(question: Question, value: str) -> str:
    if value not in question.choices:
        raise BadTextError(_("Choose one of the answers in the list."))
    return value


def _yes_no(value: str) -> str:
    if value not in {"yes", "no"}:
        raise BadTextError(_("Choose yes or no."))
    return value


def _number(value: str) -> str:
    if not _NUMBER.fullmatch(value.strip()):
        raise BadTextError(_("Enter a number in digits, like 12."))
    return value.strip().replace(",", ".")


def _date(value: str) -> str:
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        raise BadTextError(_("Enter a date as year-month-day, like 2034-03-14.")) from None


def check_url(value: str) -> str:
    """A web address with its scheme (https:// is added). Raises BadTextError with an error message."""
    address = one_line(value, 500)
    if "://" not in address and not re.match(r"[a-z]+:[^0-9]", address, re.IGNORECASE):
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        _port = parts.port  # raises for an invalid one
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"[\s<>\"\\]", address):
        raise BadTextError(_("Enter a web address, like https://gallery.example.org."))
    if parts.username or parts.password:
        raise BadTextError(_("Take the user name and the password out of this address."))
    return address


_CHECKS: dict[Kind, Callable[[str], str]] = {
    Kind.TEXT: one_line,
    Kind.LONG_TEXT: many_lines,
    Kind.YES_NO: _yes_no,
    Kind.NUMBER: _number,
    Kind.URL: check_url,
    Kind.DATE: _date,
}


def check_answers(
    questions: Iterable[Question], typed: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Answer], dict[str, list[str]]]:
    """The answers to store and the problems, both by question name; questions not shown are left out."""
    answers: dict[str, Answer] = {}
    problems: dict[str, list[str]] = {}
    for question in _as_they_follow(questions):
        if not question.is_shown(answers):
            continue
        try:
            answers[question.name] = question.check(typed.get(question.name, ()))
        except BadTextError as error:
            problems[question.name] = [str(error)]
    return answers, problems


def _as_they_follow(questions: Iterable[Question]) -> list[Question]:
    """The questions so that each stands behind the one that it is shown by, wherever that one is asked."""
    waiting, ordered, names = list(questions), list[Question](), set[str]()
    while waiting:
        due = [each for each in waiting if not each.shown_by or each.shown_by in names]
        if not due:
            break  # they are shown by a question that is not asked here: none of them is
        ordered += due
        names |= {each.name for each in due}
        waiting = [each for each in waiting if each.name not in names]
    return ordered


def kept_kind(kind: str) -> Message:
    """Why the kind of a question cannot change once it was published: answers of that kind are stored."""
    return _(
        "Keep the kind “%(kind)s”: this question was published with it."
        " For another kind, remove this question and add a new one.",
        kind=kind,
    )


def not_in_time(other: str) -> Message:
    """Why a question cannot be shown by another one, which is asked later."""
    return _("“%(other)s” is not on the order form, so its answer is not known in time.", other=other)


def wait_for_each_other(way: Iterable[str]) -> Message:
    """Why questions could never be shown, with the way from one back to itself."""
    return _("These questions would wait for each other: %(path)s.", path=" → ".join(way))


def circle_of(name: str, questions: Iterable[Question]) -> list[str]:
    """The names from a question back to itself, each shown by the next one; empty if that is no circle."""
    return circle(name, {each.name: [each.shown_by] for each in questions if each.shown_by})


def declaration_faults(questions: Sequence[Question], called: Mapping[str, str] | None = None) -> list[Fault]:
    """Find faults in a list of questions, each at the name of one.

    Args:
        questions: The list.
        called: What readers call them, by their names; if it is not given, by these.
    """
    found = []
    known = {question.name: question for question in questions}
    names = [question.name for question in questions]
    names_of = called or {name: name for name in names}

    def fault(question: Question, key: str, sentence: Message) -> None:
        found.append(Fault(question.name, sentence, key))

    for question in questions:
        shower = known.get(question.shown_by)
        if not QUESTION.fullmatch(question.name):
            fault(question, "name", faults.NAME_RULE)
        if names.count(question.name) > 1:
            fault(question, "name", faults.twice(question.name))
        if question.kind in WITH_CHOICES and not question.choices:
            fault(question, "choices", faults.MISSING)
        elif question.choices and question.kind not in WITH_CHOICES:
            fault(question, "choices", ONLY_LISTED)
        if question.shown_by and shower is None:
            fault(question, "shown_by", faults.none_called(question.shown_by))
        elif shower and shower.moment is Moment.CONTACT:
            fault(question, "shown_by", not_in_time(names_of[shower.name]))
        if way := circle_of(question.name, questions):
            fault(question, "shown_by", wait_for_each_other(names_of[each] for each in way))
    return found
