"""Editing the questions of a service's draft (P10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.questions import queries
from paidsupport.catalogue.rules.names import QUESTION as NAME
from paidsupport.catalogue.rules.names import proposed
from paidsupport.catalogue.rules.questions import (
    ONLY_LISTED,
    WITH_CHOICES,
    Kind,
    Moment,
    Question,
    as_row,
    circle_of,
    kept_kind,
    not_in_time,
    wait_for_each_other,
)
from paidsupport.catalogue.tables import Service, ServiceQuestion
from paidsupport.catalogue.wording import QUESTION, question_of
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import rows
from paidsupport.kernel.configuration.merging import filled_in
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.wording import of_part
from paidsupport.kernel.errors import InvalidInputError
from paidsupport.kernel.faults import NAME_RULE
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import is_visible

#: What the kinds of questions are called.
KINDS: Mapping[Kind, str] = {
    Kind.TEXT: _("One line of text"),
    Kind.LONG_TEXT: _("Several lines of text"),
    Kind.CHOICE: _("One answer from a list"),
    Kind.SEVERAL: _("Several answers from a list"),
    Kind.YES_NO: _("Yes or no"),
    Kind.NUMBER: _("A number"),
    Kind.URL: _("A web address"),
    Kind.DATE: _("A date"),
}
#: When they are asked.
MOMENTS: Mapping[Moment, str] = {
    Moment.ORDER: _("On the order form"),
    Moment.CONTACT: _("By the developer at first contact"),
}
#: What stands in the form of a new one.
NEW: Mapping[str, Any] = {
    **dict.fromkeys(("label", "name", "help", "choices", "condition", "trait", "trait_value"), ""),
    "kind": str(Kind.TEXT),
    "moment": str(Moment.ORDER),
    "required": False,
}
#: Between a question and its answer in a condition: no name of a question has it.
_IS = "="


def found(service: Service, name: str) -> ServiceQuestion:
    """The question of a service that is called so. Raises NotFoundError."""
    return rows.called(service.questions, name)


def answers_of(question: Question | ServiceQuestion) -> list[str]:
    """The answers that a condition can name; none if people type what they like."""
    if question.kind == Kind.YES_NO:
        return ["yes", "no"]
    return list(question.choices)


def condition(name: str, answer: str) -> str:
    """“Only if this question has this answer”, as the form has it; empty without a question."""
    return f"{name}{_IS}{answer}" if name else ""


def values_of(service: Service, row: ServiceQuestion) -> dict[str, Any]:
    """A question as its form shows it."""
    own = of_part(service.translations, "question", row.name)
    plain = {name: getattr(row, name) for name in ("label", "name", "help", "kind", "required", "moment")}
    return {
        **plain,
        "choices": "\n".join(row.choices),
        "condition": condition(row.shown_by, row.shown_value),
        "trait": row.trait,
        "trait_value": row.trait_value,
        **rows.translated(own, QUESTION),
    }


def keep(
    ctx: Context, slug: str, name: str, typed: Mapping[str, Any], *, seen: Mapping[str, Any], key: str
) -> Service:
    """Add a question to the draft of a service, or change one.

    Args:
        ctx: Who edits it.
        slug: The service.
        name: The question; empty for a new one.
        typed: What was filled in, by field, as in `values_of`.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such service or question.
        InvalidInputError: By field.
        ChangedMeanwhileError: A colleague changed the same fields to something else.
        KeyReusedError: The form was sent with other content.
    """
    fields = Fields()
    filled = _tidied(fields, typed)
    fields.done()
    with configuration.edit(ctx, key=key, content=("question", slug, name, sorted(filled.items()))) as change:
        service = queries.service_called(ctx.session, slug)
        if change.repeated:
            return service
        row = found(service, name) if name else None
        before = values_of(service, row) if row else None
        values = filled_in(before, seen, filled, NEW, _said)
        taken = {each.name for each in service.questions if each is not row}
        if not values.get("name"):
            values["name"] = name or proposed(values["label"], taken, joint="_", otherwise="question")
        _check(ctx, fields, service, row, values)
        fields.done()
        kept = row or ServiceQuestion(service_id=service.id, position=len(service.questions))
        _store(service, kept, values)
        if row is None:
            service.questions.append(kept)
        about = f"question:{slug}/{kept.name}"
        rows.tell_kept(change, about, kept.label, before, values_of(service, kept))
        ctx.session.flush()
    return service


def remove(ctx: Context, slug: str, name: str, *, key: str) -> str:
    """Take a question out of the draft; answers that were given stay with their tickets.

    Returns:
        What it was called.

    Raises:
        NotFoundError: There is no such service or question.
        InvalidInputError: The condition of another question needs it.
        KeyReusedError: The form was sent for another question.
    """
    with configuration.edit(ctx, key=key, content=("question removed", slug, name)) as change:
        if change.repeated:
            return str(change.earlier.get("label", ""))
        service = queries.service_called(ctx.session, slug)
        row = found(service, name)
        if users := [each.label for each in service.questions if each.shown_by == name]:
            sentence = _(
                "“%(other)s” is only asked after a certain answer to this question."
                " Change its condition first.",
                other=users[0],
            )
            raise InvalidInputError({"removal": [sentence]})
        label = row.label
        rows.tell_removed(change, f"question:{slug}/{name}", label, values_of(service, row))
        service.questions.remove(row)
        rows.number(service.questions)
        service.translations = rows.with_part(service.translations, "question", name, "", {})
        ctx.session.flush()
    return label


def move(ctx: Context, slug: str, name: str, to: str, *, key: str) -> tuple[str, int, int]:
    """Move a question: up, down, or to a place from 1.

    Returns:
        What it is called, its place from 1, and how many questions there are.

    Raises:
        NotFoundError: There is no such service or question.
        InvalidInputError: That is no place.
        KeyReusedError: The form was sent with another place.
    """
    with configuration.edit(ctx, key=key, content=("question moved", slug, name, to)) as change:
        service = queries.service_called(ctx.session, slug)
        row = found(service, name)
        before = service.questions.index(row)
        if not change.repeated:
            ordered = rows.in_order(service.questions, row, to)
            rows.number(ordered)
            rows.tell_move(change, f"question:{slug}/{name}", row.label, before + 1, ordered.index(row) + 1)
            ctx.session.flush()
            return row.label, ordered.index(row) + 1, len(ordered)
    return row.label, before + 1, len(service.questions)


def _tidied(fields: Fields, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, each field as it would be stored."""
    filled = {**typed, **rows.texts_typed(fields, QUESTION, typed)}
    for name in ("name", "trait_value"):
        if name in filled:
            filled[name] = fields.one_line(name, filled[name] or "")
    return filled


def _check(
    ctx: Context, fields: Fields, service: Service, row: ServiceQuestion | None, values: dict[str, Any]
) -> None:
    others = [question_of(each) for each in service.questions if each is not row]
    published = queries.published_kinds(ctx.session, service)
    _check_name(fields, row, values, {each.name for each in others}, published)
    choices = values["choices"].splitlines()
    if (values["kind"] in WITH_CHOICES) != bool(choices):
        sentence = _("Enter the answers, one on each line.") if not choices else ONLY_LISTED
        fields.refuse("choices", sentence)
    if not is_visible(values["label"]):
        fields.refuse("label", _("Enter the question."))
    rows.refuse_lost_translations(fields, QUESTION, values)
    new = _question(values)
    _check_users(fields, row, new, others)
    _check_condition(fields, row, new, others)
    _check_trait(ctx, fields, row, new)


def _check_name(
    fields: Fields,
    row: ServiceQuestion | None,
    values: Mapping[str, Any],
    taken: set[str],
    published: Mapping[str, str],
) -> None:
    name = values["name"]
    if not NAME.fullmatch(name):
        fields.refuse("name", NAME_RULE)
    if name in taken:
        fields.refuse("name", _("Another question has this name. Choose another one."))
    if row and row.name in published and name != row.name:
        fields.refuse(
            "name",
            _(
                "Keep the name “%(name)s”: answers were stored under it since it was published.",
                name=row.name,
            ),
        )
    elif published.get(name, values["kind"]) != values["kind"]:
        kind = KINDS[Kind(published[name])]
        if row:
            fields.refuse("kind", kept_kind(kind))
        else:
            fields.refuse(
                "name",
                _(
                    "A published question of this name had the kind “%(kind)s”. Choose another name.",
                    kind=kind,
                ),
            )


def _check_users(
    fields: Fields, row: ServiceQuestion | None, new: Question, others: Sequence[Question]
) -> None:
    """Refuse what would leave the condition of another question without its answer."""
    for user in (each for each in others if row and each.shown_by == row.name):
        if new.moment is Moment.CONTACT:
            fields.refuse(
                "moment",
                _("The condition of “%(other)s” needs the answer on the order form.", other=user.label),
            )
        listed = row is not None and user.shown_value in answers_of(row)
        if listed and user.shown_value not in answers_of(new):
            fields.refuse(
                "choices" if new.kind in WITH_CHOICES else "kind",
                _(
                    "“%(other)s” is only asked after the answer “%(answer)s”. Keep that answer, or change the"
                    " condition first.",
                    other=user.label,
                    answer=user.shown_value,
                ),
            )


def _check_condition(
    fields: Fields, row: ServiceQuestion | None, new: Question, others: Sequence[Question]
) -> None:
    if not new.shown_by:
        return
    if row and (row.shown_by, row.shown_value) == (new.shown_by, new.shown_value) and row.name == new.name:
        return
    known = {each.name: each for each in others}
    shower = known.get(new.shown_by)
    if shower is None or new.shown_value not in answers_of(shower):
        fields.refuse("condition", _("Choose one of these."))
        return
    if shower.moment is Moment.CONTACT:
        fields.refuse("condition", not_in_time(shower.label))
    renamed = [_renamed(each, row.name if row else "", new.name) for each in others]
    if way := circle_of(new.name, [*renamed, new]):
        labels = {each.name: each.label for each in (*others, new)}
        fields.refuse("condition", wait_for_each_other(labels[name] for name in way))


def _renamed(question: Question, before: str, after: str) -> Question:
    return replace(question, shown_by=after) if before and question.shown_by == before else question


def _check_trait(ctx: Context, fields: Fields, row: ServiceQuestion | None, new: Question) -> None:
    if not new.trait:
        if new.trait_value:
            fields.refuse("trait", _("Choose the trait that follows from this answer."))
        return
    labels = dict(catalogue.traits(ctx.session))
    if new.trait not in labels:
        fields.refuse("trait", _("Choose one of these."))
        return
    answers = answers_of(new)
    if not new.trait_value:
        fields.refuse("trait_value", _("Enter the answer that the trait follows from."))
    elif answers and new.trait_value not in answers:
        if row and new.trait_value == row.trait_value and new.trait_value in answers_of(row):
            fields.refuse(
                "choices",
                _(
                    "The trait “%(trait)s” follows from the answer “%(answer)s”."
                    " Keep that answer, or change the trait as well.",
                    trait=labels[new.trait],
                    answer=new.trait_value,
                ),
            )
        else:
            fields.refuse(
                "trait_value", _("Enter one of these answers: %(known)s.", known=", ".join(answers))
            )


def _question(values: Mapping[str, Any]) -> Question:
    shown_by, _is, shown_value = str(values["condition"]).partition(_IS)
    return Question(
        name=values["name"],
        label=values["label"],
        kind=Kind(values["kind"]),
        required=bool(values["required"]),
        help=values["help"],
        choices=tuple(values["choices"].splitlines()),
        shown_by=shown_by,
        shown_value=shown_value,
        moment=Moment(values["moment"]),
        trait=values["trait"],
        trait_value=values["trait_value"],
    )


def _store(service: Service, row: ServiceQuestion, values: Mapping[str, Any]) -> None:
    """Write the values, and let whatever names the question follow it to a new name."""
    question, before = _question(values), row.name
    for name, value in as_row(question).items():
        setattr(row, name, value)
    if before and before != row.name:
        for other in service.questions:
            if other.shown_by == before:
                other.shown_by = row.name
    others = rows.translations(values, QUESTION)
    service.translations = rows.with_part(
        service.translations, "question", before or row.name, row.name, others
    )


def _said(name: str, value: Any) -> object:  # noqa: ANN401  # whatever a field holds
    """How a value of a field is told to people."""
    if name == "kind":
        return KINDS[Kind(value)]
    if name == "moment":
        return MOMENTS[Moment(value)]
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return value
