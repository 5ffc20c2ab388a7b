"""The steps of the first run, with what is done of each: read from the desk itself, and stored nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from paidsupport.catalogue import queries as catalogue
from paidsupport.kernel.configuration.choosing import Source, source_of
from paidsupport.kernel.configuration.queries import settings as changed_settings
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff.queries import everybody
from paidsupport.kernel.ways.paying import how_to_pay
from paidsupport.manage.first.queries import has_tickets


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to set up.

    Attributes:
        label: What it is called.
        state: How it stands, in a sentence.
        endpoint: Its page.
        done: Whether nothing is left to do.
        needed: Whether the set-up is not finished without it.
    """

    label: str
    state: str
    endpoint: str
    done: bool
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the set-up is."""

    steps: Sequence[Step]

    @property
    def done(self) -> int:
        """The number of steps that are done."""
        return sum(step.done for step in self.steps)

    @property
    def is_finished(self) -> bool:
        """Whether all that is needed is done."""
        return all(step.done for step in self.steps if step.needed)


def progress(ctx: Context) -> Progress:
    """All steps as they are now."""
    return Progress((_name(ctx), _service(ctx), _mail(ctx), _vault(ctx), _staff(ctx), _order(ctx)))


def is_unfinished(ctx: Context) -> bool:
    """Whether something that is needed is missing; asks for no more than that."""
    return not (_service(ctx).done and _order(ctx).done)


def sends_mail(ctx: Context) -> bool:
    """Whether emails leave, instead of being printed."""
    return not ctx.services.settings.mail_url.startswith("console:")


def _name(ctx: Context) -> Step:
    settings, rows = ctx.services.settings, changed_settings(ctx.session)
    configured = ctx.services.present.configured
    done = source_of("name", configured, rows.get("name")) is not Source.DEFAULT
    state = _("%(name)s, %(zone)s", name=settings.name, zone=settings.time_zone)
    return Step(_("Name and time zone"), state, "paidsupport.first_name", done)


def _service(ctx: Context) -> Step:
    offered = [str(terms.name) for terms in catalogue.services(ctx)]
    drafts = [each.name for each in catalogue.every_service(ctx.session) if not each.published]
    if offered:
        state = _("On offer: %(names)s.", names=", ".join(offered))
    elif drafts:
        state = _("Not published yet: %(names)s.", names=", ".join(drafts))
    else:
        state = _("Customers cannot order anything yet.")
    return Step(_("First service"), state, "paidsupport.first_service", bool(offered), needed=True)


def _mail(ctx: Context) -> Step:
    sends = sends_mail(ctx)
    state = _("Emails are sent.") if sends else _("Emails are printed, not sent.")
    return Step(_("Email"), state, "paidsupport.first_mail", sends)


def _vault(ctx: Context) -> Step:
    opens = not ctx.services.vault.fault
    state = _("Customers can share logins.") if opens else _("Customers cannot share logins yet.")
    return Step(_("Key of the vault"), state, "paidsupport.first_vault", opens)


def _staff(ctx: Context) -> Step:
    people = everybody(ctx.session)
    paid = any(how_to_pay(ctx, person) for person in people)
    state = ", ".join(person.name for person in people)
    if not paid:
        state = _("%(names)s. How customers pay them is missing.", names=state)
    return Step(_("Staff and payment"), state, "paidsupport.first_staff", paid)


def _order(ctx: Context) -> Step:
    ordered = has_tickets(ctx.session)
    state = _("The first order came in.") if ordered else _("There was no order yet.")
    return Step(_("Link and test order"), state, "paidsupport.first_order", ordered, needed=True)
