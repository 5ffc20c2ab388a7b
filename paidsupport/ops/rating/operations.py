"""Asking customers how the work was, once and with its end, and keeping what they say (P20)."""

from __future__ import annotations

from datetime import timedelta

from paidsupport.issues.queries.news import managers
from paidsupport.kernel import limits
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import InvalidInputError, NotFoundError, TransitionRefusedError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.workflow import State
from paidsupport.ops.rating import tables as ratings
from paidsupport.ops.rating.tables import Rating
from paidsupport.privacy.redaction import looks_like_credential
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.emails.rules import PRIVATE_PAGE
from paidsupport.tickets.operations import history
from paidsupport.tickets.ordering.operations import NO_PASSWORDS
from paidsupport.tickets.tables import Ticket

#: What can be said, the best first.
CHOICES = {"great": _("Great"), "okay": _("Okay"), "bad": _("Not good")}
#: For how long a rating can be given and changed, and how long a customer is not asked again.
CHANGEABLE, PAUSE = timedelta(days=14), timedelta(days=30)
#: How often within an hour it can be changed: each time is a line of history, a bad one news for managers.
TIMES = 10
#: Longest word with it, in characters.
WORD_LIMIT = 2_000
_OVER = _("You could rate this for 14 days. Write to us if there's something you'd like to tell us.")


def ask(ctx: Context, ticket: Ticket, target: State) -> list[str]:
    """The lines with which the email about an end asks, and that it was asked; none if it does not.

    Work that was done, or begun, is rated: never what was spam, invalid, merged or withdrawn.
    """
    rated = target.fulfilled or ticket.started_at is not None
    if not ctx.services.settings.ratings or not rated:
        return []
    if ratings.was_asked(ctx.session, ticket, ctx.now - PAUSE):
        return []
    row = ratings.of(ctx.session, ticket)
    if row is None:
        row = Rating(ticket_id=ticket.id, choice="", word="")
        ctx.session.add(row)
    row.asked_at = ctx.now
    links = {choice: f"{PRIVATE_PAGE}?rating={choice}#ps-rating" for choice in CHOICES}
    lines = (_("%(said)s: %(link)s", said=CHOICES[choice], link=link) for choice, link in links.items())
    return [_("How was it? Choose one:"), *lines]


def can_rate(ctx: Context, ticket: Ticket, row: Rating | None) -> bool:
    """Whether the customer can say now how it was, or say something else."""
    ended = ticket.ended_at
    settled = ticket.merged_into_id is not None or ticket.erased_at is not None
    return row is not None and ended is not None and not settled and ctx.now < ended + CHANGEABLE


def rate(ctx: Context, ticket: Ticket, choice: str, word: str, *, key: str) -> Rating:
    """Keep what the customer says; a bad rating is told to all managers.

    Raises NotFoundError (not the customer, or they were not asked), InvalidInputError (`choice`, `word`),
    TransitionRefusedError (too late), TooManyError, KeyReusedError.
    """
    ticket = tickets.lock(ctx.session, ticket.code)
    row = ratings.of(ctx.session, ticket)
    if row is None or ctx.by.kind != "customer":
        raise NotFoundError
    with history.edit(ctx, ticket, key=key, content=("rate", ticket.code, choice, word)) as change:
        if change.repeated:
            return row
        if not can_rate(ctx, ticket, row):
            raise TransitionRefusedError(ticket.code, [_OVER])
        word = _checked(choice, word)
        limits.spend(ctx, "rating", ticket.code, TIMES)
        row.choice, row.word, row.rated_at = choice, word, ctx.now
        ctx.session.flush()
        told: dict[str, object] = {"choice": choice, "word": fingerprint(word) if word else ""}
        if choice == "bad":
            told["mentions"] = list(managers(ctx.session))
        change.tell("rated", told)
    return row


def _checked(choice: str, word: str) -> str:
    if choice not in CHOICES:
        raise InvalidInputError({"choice": [_("Choose one of the three.")]})
    fields = Fields()
    word = fields.many_lines("word", word, limit=WORD_LIMIT).strip()
    if looks_like_credential(word):
        fields.refuse("word", NO_PASSWORDS)
    fields.done()
    return word
