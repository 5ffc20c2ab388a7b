"""The requirements of a service: what its customers confirm, one by one, in every language of the desk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.services.operations.editing import other_languages
from paidsupport.catalogue.services.operations.values import shown
from paidsupport.catalogue.tables import Requirement, Service
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration.merging import merged
from paidsupport.kernel.configuration.rows import in_order
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _

#: Its name among the texts of a service in other languages.
_LIST = "requirements"


def find(service: Service, requirement_id: int) -> Requirement:
    """One requirement of a service. Raises NotFoundError."""
    return existing(next((row for row in service.requirements if row.id == requirement_id), None))


def values_of(service: Service, row: Requirement, tags: Collection[str]) -> dict[str, str]:
    """A requirement in every language of the desk, by the fields of its form: `text`, `text_de`."""
    said = _languages(service, tags)
    place = service.requirements.index(row)
    return {"text": row.text, **{f"text_{tag}": said[tag][place] for tag in tags}}


def add(ctx: Context, slug: str, typed: Mapping[str, str], *, key: str) -> Service:
    """Add a requirement at the end.

    Args:
        ctx: Who adds it.
        slug: The service.
        typed: Its text in every language, by the fields of the form.
        key: The one-time key of the form.

    Raises:
        InvalidInputError: By field.
        NotFoundError: There is no such service.
    """
    tags = other_languages(ctx)
    values = _read(typed, tags)
    with _changing(ctx, slug, key, ("add requirement", *sorted(values.items()))) as service:
        if service is not None:
            said = _languages(service, tags)
            service.requirements.append(Requirement(position=len(service.requirements), text=values["text"]))
            _say(service, {tag: [*texts, values.get(f"text_{tag}", "")] for tag, texts in said.items()})
    return catalogue.find(ctx.session, slug)


def change(
    ctx: Context,
    slug: str,
    requirement_id: int,
    typed: Mapping[str, str],
    seen: Mapping[str, Any],
    *,
    key: str,
) -> Service:
    """Change the text of a requirement; what another manager has changed meanwhile stays.

    Args:
        ctx: Who changes it.
        slug: The service.
        requirement_id: Which requirement.
        typed: Its text in every language, by the fields of the form.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Raises:
        InvalidInputError: By field.
        ChangedMeanwhileError: Another manager changed the same text.
        NotFoundError: There is no such requirement any more.
    """
    tags = other_languages(ctx)
    values = _read(typed, tags)
    content = ("change requirement", requirement_id, *sorted(values.items()))
    with _changing(ctx, slug, key, content) as service:
        if service is not None:
            row = find(service, requirement_id)
            after = merged(values_of(service, row, tags), seen, values, shown)
            said, place = _languages(service, tags), service.requirements.index(row)
            row.text = after["text"]
            for tag in tags:
                said[tag][place] = after[f"text_{tag}"]
            _say(service, said)
    return catalogue.find(ctx.session, slug)


def remove(ctx: Context, slug: str, requirement_id: int, *, key: str) -> Service:
    """Remove a requirement. Raises NotFoundError."""
    with _changing(ctx, slug, key, ("remove requirement", requirement_id)) as service:
        if service is not None:
            row = find(service, requirement_id)
            rows = [each for each in service.requirements if each is not row]
            _order(ctx, service, rows)
    return catalogue.find(ctx.session, slug)


def move(ctx: Context, slug: str, requirement_id: int, to: str, *, key: str) -> tuple[str, int, int]:
    """Move a requirement among the others.

    Args:
        ctx: Who moves it.
        slug: The service.
        requirement_id: Which requirement.
        to: See `in_order`.
        key: The one-time key of the form.

    Returns:
        Its text, its place from 1, and how many there are.

    Raises:
        InvalidInputError: `to` is no place.
        NotFoundError: There is no such requirement any more.
    """
    with _changing(ctx, slug, key, ("move requirement", requirement_id, to)) as service:
        if service is not None:
            _order(ctx, service, in_order(service.requirements, find(service, requirement_id), to))
    found = catalogue.find(ctx.session, slug)
    row = find(found, requirement_id)
    return row.text, found.requirements.index(row) + 1, len(found.requirements)


@contextmanager
def _changing(ctx: Context, slug: str, key: str, content: tuple[object, ...]) -> Iterator[Service | None]:
    """The service, locked, whose requirements are told of afterwards; None if the form came twice."""
    with configuration.edit(ctx, key=key, content=(slug, *content)) as told:
        if told.repeated:
            yield None
            return
        service = catalogue.find(ctx.session, slug)
        before = _told(service)
        yield service
        ctx.session.flush()
        ctx.session.refresh(service)
        if not configuration.tell(told, "changed", f"service:{slug}", service.name, before, _told(service)):
            told.nothing_new()


def _told(service: Service) -> dict[str, Any]:
    said = {
        f"{_LIST}_{tag}": list(texts[_LIST]) for tag, texts in service.translations.items() if _LIST in texts
    }
    return {_LIST: [row.text for row in service.requirements], **said}


def _languages(service: Service, tags: Collection[str]) -> dict[str, list[str]]:
    """All requirements in each other language, also in those that the desk does not speak."""
    number = len(service.requirements)
    said = {tag: list(texts.get(_LIST, ())) for tag, texts in service.translations.items()}
    return {
        tag: (said.get(tag, []) + [""] * number)[:number]
        for tag in dict.fromkeys([*service.translations, *tags])
    }


def _say(service: Service, said: Mapping[str, Sequence[str]]) -> None:
    """Write all requirements in each other language."""
    translations = deepcopy(service.translations)
    for tag, texts in said.items():
        if any(texts):
            translations.setdefault(tag, {})[_LIST] = list(texts)
        else:
            translations.get(tag, {}).pop(_LIST, None)
    service.translations = {tag: texts for tag, texts in translations.items() if texts}


def _order(ctx: Context, service: Service, rows: Sequence[Requirement]) -> None:
    """Let these be the requirements, in this order, in every language."""
    said = _languages(service, ())
    places = [service.requirements.index(row) for row in rows]
    for row in service.requirements:
        if row not in rows:
            ctx.session.delete(row)
    ctx.session.flush()
    # no two rows may have one place, not even in between
    for number, row in enumerate(rows):
        row.position = -1 - number
    ctx.session.flush()
    for number, row in enumerate(rows):
        row.position = number
    _say(service, {tag: [texts[place] for place in places] for tag, texts in said.items()})


def _read(typed: Mapping[str, str], tags: Collection[str]) -> dict[str, str]:
    """The text in every language, as it is stored, of those languages that the form had."""
    fields = Fields()
    values = {"text": fields.many_lines("text", typed.get("text", ""), required=_("Enter the text."))}
    for name in (f"text_{tag}" for tag in tags):
        if name in typed:
            values[name] = fields.many_lines(name, typed[name])
    fields.done()
    return values
