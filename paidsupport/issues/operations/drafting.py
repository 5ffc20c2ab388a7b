"""The answer to the customer, drafted by the developer who solved the issue, and remarks on it (T16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from paidsupport.issues.operations import followers, history, notes
from paidsupport.issues.queries.contents import notes_of
from paidsupport.issues.tables import NO_DEADLINE, Issue, IssueNote
from paidsupport.issues.workflow import ASSIGNED
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import StaleIssueError, TransitionRefusedError
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import is_visible
from paidsupport.privacy.tone import Remark
from paidsupport.tickets.conversation.operations import tone
from paidsupport.tickets.vault.operations.quotes import refuse_quotes

#: A reason has at least one word.
_SHORTEST_REASON = 4


@dataclass(frozen=True, slots=True)
class Marked:
    """A marked passage of a draft with its remark; `reason`: why it is kept, once that has been given."""

    name: str
    words: str
    remark: Remark
    reason: str = ""
    #: The reason given for the same words in an earlier draft, to start from.
    before: str = ""


@dataclass(frozen=True, slots=True)
class DraftState:
    """The draft in force with its remarks, and earlier drafts, newest first."""

    note: IssueNote
    marked: list[Marked]
    earlier: list[IssueNote]

    @property
    def open(self) -> list[Marked]:
        """The passages without a reason to keep them."""
        return [place for place in self.marked if not place.reason]


def may_draft(ctx: Context, issue: Issue) -> bool:
    """Whether this person writes the draft: the assignee, while they work on the issue."""
    return issue.state == ASSIGNED.name and ctx.by.id is not None and issue.owner_id == ctx.by.id


def draft(ctx: Context, code: str, body: str, *, key: str) -> Issue:
    """Save a draft, which replaces the one before; earlier ones can still be read.

    Raises:
        NotFoundError: There is no such issue for this person.
        TransitionRefusedError: It is not theirs to write.
        InvalidInputError: At `body`, also for personal data and credentials.
        KeyReusedError: The form was sent with another draft.
    """
    with history.edit(ctx, code, key=key, content=("draft", code, body)) as change:
        issue = change.record
        if change.repeated:
            return issue
        _only_the_assignee(ctx, issue)
        body = notes.tidied(body, "body", _("Write the answer first."))
        for each in followers.waiting(ctx, issue):
            refuse_quotes(ctx, each.ticket, body)
        note = notes.keep(ctx, issue, "draft", body, field="body")
        marked = _marked(ctx, issue, note)
        data: dict[str, object] = {
            "text": fingerprint(body),
            "remarks": [place.remark.rule for place in marked],
        }
        change.tell("drafted", data)
    return issue


def keep(ctx: Context, code: str, reasons: Mapping[str, str], *, seen: int, key: str) -> Issue:
    """Keep marked passages of the draft as they are, each for a reason, which is recorded.

    Args:
        ctx: Who keeps them.
        code: The issue.
        reasons: The reasons, by the names of the passages.
        seen: The id of the draft that was shown.
        key: The one-time key of the form.

    Raises:
        NotFoundError: There is no such issue for this person.
        TransitionRefusedError: The draft is not theirs to write.
        StaleIssueError: There is a newer draft.
        InvalidInputError: By the names of the passages.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("keep", code, seen, sorted(reasons.items()))) as change:
        issue = change.record
        if change.repeated:
            return issue
        _only_the_assignee(ctx, issue)
        standing = of(ctx, issue)
        if standing is None or standing.note.id != seen:
            raise StaleIssueError(code)
        said = _tidied(standing, reasons)
        for name, reason in said.items():
            notes.keep(ctx, issue, "tone", reason, about=name, field=name)
        kept: list[object] = [
            [place.remark.rule, fingerprint(said[place.name])]
            for place in standing.open
            if place.name in said
        ]
        data: dict[str, object] = {"draft": fingerprint(standing.note.body), "kept": kept}
        change.tell("tone-kept", data)
    return issue


def of(ctx: Context, issue: Issue, found: Sequence[IssueNote] | None = None) -> DraftState | None:
    """The draft in force, if there is one; one query, or none if the notes are given as `found`."""
    found = notes_of(ctx.session, issue) if found is None else found
    drafts = [note for note in found if note.kind == "draft"]
    if not drafts:
        return None
    said = {note.about: note.body for note in found if note.kind == "tone"}
    return DraftState(drafts[-1], _marked(ctx, issue, drafts[-1], said, drafts[:-1]), drafts[-2::-1])


def is_clean(ctx: Context, issue: Issue) -> bool:
    """Whether every remark on the draft in force has a reason."""
    standing = of(ctx, issue)
    return standing is None or not standing.open


def approved(issue: Issue) -> list[date]:
    """The dates that customers may be promised: the deadline, once management has set a timeline."""
    return [issue.deadline] if issue.deadline != NO_DEADLINE and issue.timeline_at else []


def _marked(
    ctx: Context,
    issue: Issue,
    note: IssueNote,
    said: Mapping[str, str] | None = None,
    earlier: list[IssueNote] | None = None,
) -> list[Marked]:
    said, found = said or {}, []
    times: Counter[tuple[str, str]] = Counter()
    for remark in tone.remarks(ctx, note.body, approved=approved(issue)):
        words = tone.words(note.body, remark)
        times[remark.rule, words] += 1
        names = [
            f"keep-{fingerprint('tone', each.id, remark.rule, words, times[remark.rule, words])}"
            for each in (note, *reversed(earlier or []))
        ]
        before = next((said[name] for name in names[1:] if name in said), "")
        found.append(Marked(names[0], words, remark, said.get(names[0], ""), before))
    return found


def _tidied(standing: DraftState, reasons: Mapping[str, str]) -> dict[str, str]:
    said: dict[str, str] = {}
    fields = Fields()
    for place in standing.open:
        typed = reasons.get(place.name, "")
        if not is_visible(typed):
            continue
        said[place.name] = fields.one_line(place.name, typed)
        if len(said[place.name]) < _SHORTEST_REASON:
            fields.refuse(place.name, _("Enter a reason for keeping “%(words)s”.", words=place.words))
    if not said:
        fields.refuse("", _("Enter a reason for at least one sentence, or change the draft."))
    fields.done()
    return said


def _only_the_assignee(ctx: Context, issue: Issue) -> None:
    if not may_draft(ctx, issue):
        raise TransitionRefusedError(
            issue.code, [_("Only the assignee can draft the answer, while they work on the issue.")]
        )
