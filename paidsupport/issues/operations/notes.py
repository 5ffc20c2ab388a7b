"""Notes on issues: stored as written, found by the search, free of personal data (T3, T16)."""

from __future__ import annotations

from paidsupport.issues.operations import history, news, privacy
from paidsupport.issues.rules.kinds import Occasion
from paidsupport.issues.tables import Issue, IssueNote
from paidsupport.kernel import fields
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.staff import operations as people


def write(ctx: Context, code: str, body: str, *, key: str) -> Issue:
    """Leave a note on an issue; colleagues mentioned in it are notified.

    Raises:
        NotFoundError: There is no such issue for this person.
        InvalidInputError: At `body`, also for personal data.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("issue-note", code, body)) as change:
        issue = change.record
        if change.repeated:
            return issue
        note = keep(ctx, issue, "note", tidied(body, "body", _("Write the note first.")), field="body")
        called = people.mentioned(ctx, note.body)
        change.tell("noted", {"text": fingerprint(note.body)} | ({"mentions": called} if called else {}))
        news.tell(ctx, issue, Occasion.MENTION, called)
    return issue


def keep(
    ctx: Context, issue: Issue, kind: str, body: str, *, about: str = "", field: str = "note"
) -> IssueNote:
    """Add a note without an event of its own, for operations that write their own.

    The caller holds the issue's lock and has cleaned the text. Raises InvalidInputError at `field`.
    """
    privacy.refuse_personal(ctx, issue, body, field)
    return privacy.add_note(ctx, issue, kind, body, about)


def tidied(typed: str, field: str, missing: str) -> str:
    """A multi-line text as it is stored. Raises InvalidInputError at `field`, with `missing` if empty."""
    return fields.many_lines(field, typed, required=missing).strip()
