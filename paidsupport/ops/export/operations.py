"""Asking for an export, and taking it away: each is a line in the history of the configuration (P13)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import timedelta

from paidsupport.intake.arrivals.queries import intakes
from paidsupport.intake.mail import strays
from paidsupport.kernel.codes import new_reference, tidy_code
from paidsupport.kernel.configuration import history
from paidsupport.kernel.configuration.tables import Configuration
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError, ManagersOnlyError, NotFoundError, existing
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import shorten
from paidsupport.ops.export.queries import exports
from paidsupport.ops.export.tables import ALL, ONE, Export
from paidsupport.sales.organisations.queries.records import contacts_known_by
from paidsupport.tickets.queries.tickets import by_code

#: How long an export can be downloaded.
STAYS = timedelta(hours=24)
_LABEL = 200
_MANAGERS = _("Only a manager can export data.")
_GONE = _("This export is not there any more. Start a new one.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One customer whose data is to be exported.

    Attributes:
        customer: An email address, a phone number or the code of a ticket.
        with_notes: Whether what only staff see of a customer is in it.
    """

    customer: str
    with_notes: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Whose data it is: an address or number, and the codes of the tickets that are not erased."""

    about: str
    codes: list[str] = field(default_factory=list)


def customer(ctx: Context, typed: str) -> Found:
    """The customer that is meant, with all tickets of the same person.

    Raises:
        InvalidInputError: Nothing is kept of such a customer, or all of it was erased.
    """
    about = typed.strip()
    if not about:
        raise InvalidInputError({"customer": [_("Enter an email address, phone number or ticket code.")]})
    code = tidy_code(about)
    found = _of_ticket(ctx, code) if code else Found(about, _found(ctx, about))
    if not (found.codes or contacts_known_by(ctx.session, found.about) or _strays(ctx, found.about)):
        raise InvalidInputError({"customer": [_("There is nothing about this customer, or it was erased.")]})
    return found


def start(ctx: Context, wanted: Wanted | None, *, key: str) -> None:
    """Ask for an export: a worker makes it.

    Args:
        ctx: The manager who asks.
        wanted: Whose data; None: everything.
        key: The one-time key of the form.

    Raises:
        ManagersOnlyError: The actor is not a manager.
        InvalidInputError: There is no such customer, or the same is being exported already.
    """
    if not ctx.by.is_manager:
        raise ManagersOnlyError(_MANAGERS)
    content = ("export", wanted.customer, str(wanted.with_notes)) if wanted else ("export",)
    with history.edit(ctx, key=key, content=content) as change:
        if change.repeated:
            return
        found = customer(ctx, wanted.customer) if wanted else Found("")
        kind = ONE if wanted else ALL
        if exports.is_under_way(ctx.session, kind, found.about):
            said = _("This is being exported already. Wait until it is ready.")
            raise InvalidInputError({"export": [said]})
        export = Export(
            reference=new_reference(),
            kind=kind,
            about=found.about,
            label=_label(found),
            with_notes=wanted is not None and wanted.with_notes,
            asked_by_id=ctx.by.id,
            asked_by_name=ctx.by.name,
            asked_at=ctx.now,
        )
        ctx.session.add(export)
        _tell(change, "exported", export)


def note(ctx: Context, found: Found | None, *, with_notes: bool = False) -> None:
    """Write into the history that the operator exports everything, or a customer."""
    export = Export(kind=ALL if found is None else ONE, with_notes=with_notes, label=_label(found))
    export.reference = "command"
    with history.edit(ctx) as change:
        _tell(change, "exported", export)


def download(ctx: Context, reference: str) -> Export:
    """Take an export away. Each time is a line of its own.

    Raises:
        ManagersOnlyError: The actor is not a manager.
        NotFoundError: There is none any more.
    """
    if not ctx.by.is_manager:
        raise ManagersOnlyError(_MANAGERS)
    with history.edit(ctx) as change:
        export = existing(exports.by_reference(ctx.session, reference))
        if _is_gone(ctx, export):
            raise NotFoundError(_GONE)
        export.downloads += 1
        _tell(change, "downloaded", export)
    return export


def find(ctx: Context, reference: str) -> Export:
    """The export with this name. Raises NotFoundError."""
    return existing(exports.seen(ctx.session, reference))


def key_of(ctx: Context, export: Export) -> str:
    """What opens its file to a program for this download; void once it is downloaded again."""
    return ctx.services.links.digest("export", export.reference, str(export.downloads))


def opened(ctx: Context, reference: str, key: str) -> Export:
    """The export that a download has opened.

    Raises:
        ManagersOnlyError: The actor is not a manager.
        NotFoundError: There is none any more, or the key is not that of its newest download.
    """
    if not ctx.by.is_manager:
        raise ManagersOnlyError(_MANAGERS)
    export = find(ctx, reference)
    fits = export.downloads > 0 and hmac.compare_digest(key_of(ctx, export).encode(), key.encode())
    if not fits or _is_gone(ctx, export):
        raise NotFoundError(_GONE)
    return export


def file_name(ctx: Context, export: Export) -> str:
    """What its file is called."""
    day = ctx.services.hours.local(export.asked_at).date()
    return f"{'customer' if export.kind == ONE else 'desk'}-{day.isoformat()}.zip"


def _is_gone(ctx: Context, export: Export) -> bool:
    return export.storage_key is None or export.expires_at is None or export.expires_at <= ctx.now


def _tell(change: Change[Context, Configuration], kind: str, export: Export) -> None:
    after = {"internal_notes": export.with_notes} if export.kind == ONE else None
    about = f"export:{export.reference}"
    history.tell(change, kind, about, export.label, after=after, whose=export.kind)


def _label(found: Found | None) -> str:
    return shorten(", ".join(found.codes), _LABEL) if found else ""


def _of_ticket(ctx: Context, code: str) -> Found:
    try:
        ticket = by_code(ctx.session, code)
    except NotFoundError:
        raise InvalidInputError({"customer": [_("There is no ticket with this code.")]}) from None
    if ticket.erased_at is not None:
        said = _("The customer of %(code)s was erased. Nothing about them is kept.", code=code)
        raise InvalidInputError({"customer": [said]})
    numbers = [intake.phone for intake in intakes(ctx.session, [ticket.id]) if intake.phone]
    for about in filter(None, (ticket.customer_email, *numbers)):
        found = _found(ctx, about)
        if code in found:
            return Found(about, found)
    return Found(code, [code])


def _strays(ctx: Context, about: str) -> bool:
    return "@" in about and bool(strays.of(ctx, about))


def _found(ctx: Context, about: str) -> list[str]:
    from paidsupport.ops.erasure import erasure  # noqa: PLC0415  # late: few requests need it

    return erasure.found(ctx, about)
