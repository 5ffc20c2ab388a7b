"""Canned replies, shared or personal (G20)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.placeholders import (
    PLACEHOLDER_NAMES,
    fill,
    not_a_placeholder,
    unknown_placeholders,
)
from paidsupport.catalogue.tables import Boilerplate
from paidsupport.catalogue.wording import BOILERPLATE
from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import rows
from paidsupport.kernel.configuration.merging import merged
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.typed_wording import Languages, tidied
from paidsupport.kernel.db.wording import in_languages
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n import placeholders
from paidsupport.kernel.i18n.languages import language_of, offered
from paidsupport.kernel.i18n.messages import SPOKEN, _, said
from paidsupport.kernel.i18n.placeholders import localised
from paidsupport.kernel.money import Money
from paidsupport.tickets.conversation.operations import paying
from paidsupport.tickets.tables import Ticket

#: What stands before the id of a canned reply in the history of the configuration.
_ABOUT = "reply:"


def find(ctx: Context, boilerplate_id: int) -> Boilerplate:
    """A canned reply that this person can use. Raises NotFoundError, also for a colleague's personal one."""
    row = ctx.session.get(Boilerplate, boilerplate_id)
    if row is None or row.owner_id not in {None, ctx.by.id}:
        raise NotFoundError
    return row


def keep(
    ctx: Context,
    boilerplate_id: int | None,
    *,
    title: str,
    body: str,
    shared: bool,
    languages: Languages = MappingProxyType({}),
    seen: Mapping[str, Any] = MappingProxyType({}),
    key: str | None = None,
) -> Boilerplate:
    """Write a new canned reply (`boilerplate_id` None) or change one.

    Changes of shared ones are lines of the history of the configuration; personal ones have none.

    Args:
        ctx: Who writes it.
        boilerplate_id: The one to change.
        title: Its title in the list.
        body: Its text.
        shared: Whether all staff can use it.
        languages: Title and body in other languages, by tag. A language with neither is removed; languages
            that are not named stay.
        seen: What the form showed of a shared one when it was opened, as in `values_of`.
        key: The one-time key of the form.

    Raises:
        InvalidInputError: By field; in another language `title_de` and the like.
        NotFoundError: It does not exist, or is a colleague's.
        ChangedMeanwhileError: A colleague changed the same texts to something else.
        KeyReusedError: The form was sent with other content.
    """
    fields = Fields()
    typed = {
        "title": fields.one_line("title", title, required=_("Enter a title.")),
        "body": _with_placeholders(
            ctx, fields, "body", fields.many_lines("body", body, required=_("Write the text."))
        ),
    }
    for tag, texts in tidied(fields, languages, check=partial(_with_placeholders, ctx, fields)).items():
        typed |= {f"{name}_{tag}": texts.get(name, "") for name in BOILERPLATE.names}
    fields.done()
    row = find(ctx, boilerplate_id) if boilerplate_id else None
    # a shared one stays shared, so that it is not taken away from colleagues
    if shared or (row is not None and row.owner_id is None):
        return _keep_shared(ctx, boilerplate_id, typed, seen=seen, key=key)
    row = row or _twin(ctx, typed, ctx.by.id) or Boilerplate(owner_id=ctx.by.id, translations={})
    return _stored(ctx, row, {**values_of(row), **typed})


def values_of(row: Boilerplate) -> dict[str, str]:
    """The texts of a canned reply by field: those in German are `title_de` and `body_de`."""
    return {"title": row.title, "body": row.body, **rows.translated(row.translations, BOILERPLATE)}


def _keep_shared(
    ctx: Context,
    boilerplate_id: int | None,
    typed: Mapping[str, str],
    *,
    seen: Mapping[str, Any],
    key: str | None,
) -> Boilerplate:
    content = ("reply", boilerplate_id or 0, sorted(typed.items()))
    with configuration.edit(ctx, key=key, content=content) as change:
        if change.repeated:
            return find(ctx, int(str(change.earlier["about"]).removeprefix(_ABOUT)))
        row = find(ctx, boilerplate_id) if boilerplate_id else _twin(ctx, typed, None)
        before = None
        if row is None:
            row = Boilerplate(translations={})
        else:
            ctx.session.refresh(row)
            before = values_of(row) if row.owner_id is None else None
        row.owner_id = None
        values = typed if before is None else merged(before, seen, typed)
        if before is not None and all(before.get(name, "") == text for name, text in values.items()):
            change.nothing_new()
            return row
        _stored(ctx, row, values)
        rows.tell_kept(change, f"{_ABOUT}{row.id}", row.title, before, values_of(row))
    return row


def _twin(ctx: Context, typed: Mapping[str, str], owner_id: int | None) -> Boilerplate | None:
    """One with the same texts: a form that is sent twice creates one canned reply."""
    wanted = typed["title"], typed["body"], owner_id
    found = catalogue.boilerplate(ctx.session, owner_id)
    twin = next((row for row in found if (row.title, row.body, row.owner_id) == wanted), None)
    return ctx.session.get(Boilerplate, twin.id) if twin else None


def _stored(ctx: Context, row: Boilerplate, values: Mapping[str, Any]) -> Boilerplate:
    row.title, row.body, row.changed_at = values["title"], values["body"], ctx.now
    row.translations = rows.translations(values, BOILERPLATE)
    ctx.session.add(row)
    ctx.session.flush()
    return row


def _with_placeholders(ctx: Context, fields: Fields, name: str, body: str) -> str:
    """A text with the English names of its placeholders; unknown ones are refused."""
    spoken = offered(ctx.services.settings.languages)
    text = placeholders.stored(body, PLACEHOLDER_NAMES, map(language_of, spoken))
    if unknown := unknown_placeholders(text):
        names = localised(PLACEHOLDER_NAMES, SPOKEN.get()).values()
        fields.refuse(name, not_a_placeholder(unknown[0], names))
    return text


def drop(ctx: Context, boilerplate_id: int, *, key: str | None = None) -> None:
    """Delete a canned reply.

    Raises:
        NotFoundError: It does not exist, or is a colleague's.
        KeyReusedError: The form was sent for another one.
    """
    row = ctx.session.get(Boilerplate, boilerplate_id)
    if row is not None and row.owner_id is not None:
        ctx.session.delete(find(ctx, boilerplate_id))
        return
    with configuration.edit(ctx, key=key, content=("reply removed", boilerplate_id)) as change:
        if change.repeated:
            return
        row = find(ctx, boilerplate_id)
        rows.tell_removed(change, f"{_ABOUT}{boilerplate_id}", row.title, values_of(row))
        ctx.session.delete(row)
        ctx.session.flush()


def filled(ctx: Context, ticket: Ticket, boilerplate_id: int) -> str:
    """A canned reply with its placeholders filled in for `ticket`. Raises NotFoundError.

    It is in the language of the ticket's emails, if it has been translated.
    """
    language = ctx.services.language(ticket.language)
    [row] = in_languages([find(ctx, boilerplate_id)], BOILERPLATE)
    values = {
        "code": ticket.code,
        "customer": ticket.customer_name,
        "service": ticket.service_name,
        "price": said(Money(ticket.price_minor, ticket.currency), language),
        "developer": ctx.by.name,
        "payment": said(paying.in_canned_replies(ctx, ticket), language),
    }
    return fill(said(row.body, language), values)
