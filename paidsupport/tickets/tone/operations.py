"""Writing, changing and removing rules of tone (P10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from paidsupport.kernel.configuration import history as configuration
from paidsupport.kernel.configuration import rows
from paidsupport.kernel.configuration.merging import filled_in
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import existing
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import is_visible
from paidsupport.privacy.tone import Language, plain_rule, with_rules
from paidsupport.tickets.tone import queries
from paidsupport.tickets.tone.tables import ToneRule

#: What stands in the form of a new one.
NEW: Mapping[str, str] = dict.fromkeys(("words", "reason", "suggestion", "language"), "")
#: So many phrases has a rule at most, and so many rules the desk: each email is checked for all of them.
MOST_PHRASES, MOST_RULES = 20, 100


def languages(ctx: Context) -> tuple[Language, ...]:
    """The languages with the rules that apply now: those that come with the desk, and its own."""
    shipped: tuple[Language, ...] = ctx.services.tone()
    own = [
        (row.language, plain_rule(f"own-{row.id}", row.reason, row.suggestion, tuple(row.words.splitlines())))
        for row in queries.rules(ctx.session)
    ]
    return with_rules(shipped, own)


def found(ctx: Context, rule_id: int) -> ToneRule:
    """The rule with this id. Raises NotFoundError."""
    return existing(next((row for row in queries.rules(ctx.session) if row.id == rule_id), None))


def values_of(row: ToneRule) -> dict[str, str]:
    """A rule as its form shows it."""
    return {name: getattr(row, name) for name in NEW}


def keep(ctx: Context, rule_id: int, typed: Mapping[str, Any], *, seen: Mapping[str, Any], key: str) -> int:
    """Add a rule, or change one; emails are checked by it from now on.

    Args:
        ctx: Who writes it.
        rule_id: Its id; 0 for a new one.
        typed: What was filled in, by field, as in `values_of`.
        seen: What the form showed when it was opened.
        key: The one-time key of the form.

    Returns:
        Its id.

    Raises:
        NotFoundError: There is no such rule.
        InvalidInputError: By field.
        ChangedMeanwhileError: A colleague changed the same fields to something else.
        KeyReusedError: The form was sent with other content.
    """
    fields = Fields()
    filled = {
        "words": rows.one_each(fields, "words", typed["words"]),
        "reason": fields.one_line("reason", typed["reason"]),
        "suggestion": fields.one_line("suggestion", typed["suggestion"]),
        "language": typed["language"],
    }
    fields.done()
    with configuration.edit(ctx, key=key, content=("tone", rule_id, sorted(filled.items()))) as change:
        if change.repeated:
            return int(str(change.earlier["about"]).partition(":")[2])
        row = found(ctx, rule_id) if rule_id else None
        before = values_of(row) if row else None
        values = filled_in(before, seen, filled, NEW)
        _check(ctx, fields, values, is_new=row is None)
        row = row or ToneRule()
        for name, value in values.items():
            setattr(row, name, value)
        ctx.session.add(row)
        ctx.session.flush()
        rows.tell_kept(change, f"tone:{row.id}", _label(row), before, values_of(row))
        return row.id


def remove(ctx: Context, rule_id: int, *, key: str) -> bool:
    """Remove a rule.

    Raises:
        NotFoundError: There is no such rule.
        KeyReusedError: The form was sent for another one.
    """
    with configuration.edit(ctx, key=key, content=("tone removed", rule_id)) as change:
        if change.repeated:
            return True
        row = found(ctx, rule_id)
        rows.tell_removed(change, f"tone:{rule_id}", _label(row), values_of(row))
        ctx.session.delete(row)
        ctx.session.flush()
    return True


def _check(ctx: Context, fields: Fields, values: Mapping[str, str], *, is_new: bool) -> None:
    if not is_visible(values["words"]):
        fields.refuse("words", _("Enter at least one word."))
    elif len(values["words"].splitlines()) > MOST_PHRASES:
        fields.refuse("words", _("Enter at most %(most)s lines.", most=MOST_PHRASES))
    if not is_visible(values["reason"]):
        fields.refuse("reason", _("Say why it should be reconsidered."))
    if is_new and len(queries.rules(ctx.session)) >= MOST_RULES:
        fields.refuse("words", _("There are %(most)s rules already. Remove one first.", most=MOST_RULES))
    fields.done()


def _label(row: ToneRule) -> str:
    return row.words.splitlines()[0]
