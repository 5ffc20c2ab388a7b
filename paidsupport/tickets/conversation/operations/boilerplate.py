"""Canned replies, shared or personal (G20)."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.rules.placeholders import PLACEHOLDER_NAMES, fill, unknown_placeholders
from paidsupport.catalogue.tables import Boilerplate
from paidsupport.catalogue.wording import BOILERPLATE
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.typed_wording import Languages, merged, tidied
from paidsupport.kernel.db.wording import in_languages
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n import placeholders
from paidsupport.kernel.i18n.languages import language_of, offered
from paidsupport.kernel.i18n.messages import SPOKEN, _, said
from paidsupport.kernel.i18n.placeholders import localised
from paidsupport.kernel.money import Money
from paidsupport.kernel.staff.tables import Person
from paidsupport.tickets.tables import Ticket


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
) -> Boilerplate:
    """Write a new canned reply (`boilerplate_id` None) or change one.

    Args:
        ctx: Who writes it.
        boilerplate_id: The one to change.
        title: Its title in the list.
        body: Its text.
        shared: Whether all staff can use it.
        languages: Title and body in other languages, by tag. A language with neither is removed; languages
            that are not named stay.

    Raises:
        InvalidInputError: By field; in another language `title_de` and the like.
        NotFoundError: It does not exist, or is a colleague's.
    """
    fields = Fields()
    title = fields.one_line("title", title, required=_("Enter a title."))
    body = _with_placeholders(
        ctx, fields, "body", fields.many_lines("body", body, required=_("Write the text."))
    )
    others = tidied(fields, languages, check=partial(_with_placeholders, ctx, fields))
    fields.done()
    owner_id = None if shared else ctx.by.id
    texts = {(row.title, row.body, row.owner_id): row for row in catalogue.boilerplate(ctx.session, owner_id)}
    # a form that is sent twice creates one canned reply
    twin = texts.get((title, body, owner_id))
    before = find(ctx, boilerplate_id) if boilerplate_id else twin
    row = before or Boilerplate()
    row.title, row.body, row.changed_at = title, body, ctx.now
    row.translations = merged(row.translations or {}, others)
    if before is None or before.owner_id is not None:
        # a shared one stays shared, so that it is not taken away from colleagues
        row.owner_id = owner_id
    ctx.session.add(row)
    ctx.session.flush()
    return row


def _with_placeholders(ctx: Context, fields: Fields, name: str, body: str) -> str:
    """A text with the English names of its placeholders; unknown ones are refused."""
    spoken = offered(ctx.services.settings.languages)
    text = placeholders.stored(body, PLACEHOLDER_NAMES, map(language_of, spoken))
    if unknown := unknown_placeholders(text):
        names = localised(PLACEHOLDER_NAMES, SPOKEN.get()).values()
        wrong, *known = (f"{{{each}}}" for each in (unknown[0], *names))
        fields.refuse(
            name,
            _("%(name)s isn't a placeholder. Use one of %(known)s.", name=wrong, known=", ".join(known)),
        )
    return text


def drop(ctx: Context, boilerplate_id: int) -> None:
    """Delete a canned reply. Raises NotFoundError."""
    ctx.session.delete(find(ctx, boilerplate_id))


def filled(ctx: Context, ticket: Ticket, boilerplate_id: int) -> str:
    """A canned reply with its placeholders filled in for `ticket`. Raises NotFoundError.

    It is in the language of the ticket's emails, if it has been translated.
    """
    language = ctx.services.language(ticket.language)
    [row] = in_languages([find(ctx, boilerplate_id)], BOILERPLATE)
    person = ctx.session.get(Person, ctx.by.id)
    values = {
        "code": ticket.code,
        "customer": ticket.customer_name,
        "service": ticket.service_name,
        "price": said(Money(ticket.price_minor, ticket.currency), language),
        "developer": ctx.by.name,
        "payment": person.payment if person else "",
    }
    return fill(said(row.body, language), values)
