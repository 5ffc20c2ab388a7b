"""The answer to the customer, drafted by who solved it, and what was remarked on it (T16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from paidsupport.desk import tone
from paidsupport.desk.issues import followers, history, notes
from paidsupport.desk.quotes import refuse_quotes
from paidsupport.desk.visit import Visit
from paidsupport.domain.chain import fingerprint
from paidsupport.domain.text import is_visible
from paidsupport.domain.tone import Remark
from paidsupport.domain.workflows.issue import ASSIGNED
from paidsupport.errors import MoveRefusedError, StaleIssueError
from paidsupport.kernel.fields import Fields
from paidsupport.store.issues import NO_DEADLINE, Issue, IssueNote

#: A reason has at least a word.
_SHORTEST_REASON = 4


@dataclass(frozen=True, slots=True)
class Marked:
    """A place of a draft with a remark; `reason`: why it stays, once somebody has said it."""

    name: str
    words: str
    remark: Remark
    reason: str = ""
    #: What was said of the same words in an earlier draft, to start from.
    before: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """The draft in force with its remarks, and the earlier ones, newest first."""

    note: IssueNote
    marked: list[Marked]
    earlier: list[IssueNote]

    @property
    def open(self) -> list[Marked]:
        """The places of which nobody has said why they stay."""
        return [place for place in self.marked if not place.reason]


def may_draft(visit: Visit, issue: Issue) -> bool:
    """Whether this person writes the draft: the assignee, while they work on it."""
    return issue.state == ASSIGNED.name and visit.by.id is not None and issue.owner_id == visit.by.id


def draft(visit: Visit, code: str, body: str, *, key: str) -> Issue:
    """Keep a draft; it takes the place of the one before, which stays to be read.

    Raises NotFoundError, MoveRefusedError (not theirs to write), InvalidInputError (field `body`: also for
    personal data and credentials), KeyReusedError.
    """
    with history.edit(visit, code, key=key, content=("draft", code, body)) as change:
        issue = change.record
        if change.repeated:
            return issue
        _only_the_assignee(visit, issue)
        body = notes.tidied(body, "body", "Write the answer first.")
        for each in followers.waiting(visit, issue):
            refuse_quotes(visit, each.ticket, body)
        note = notes.keep(visit, issue, "draft", body, field="body")
        marked = _marked(visit, issue, note)
        data: dict[str, object] = {
            "text": fingerprint(body),
            "remarks": [place.remark.rule for place in marked],
        }
        change.tell("drafted", data)
    return issue


def keep(visit: Visit, code: str, reasons: Mapping[str, str], *, seen: int, key: str) -> Issue:
    """Let marked places of the draft stay as they are: each `name` for a reason, which is recorded.

    `seen`: the id of the draft that was looked at. Raises NotFoundError, MoveRefusedError, StaleIssueError
    (there is a newer draft), InvalidInputError (a field for each name), KeyReusedError.
    """
    with history.edit(visit, code, key=key, content=("keep", code, seen, sorted(reasons.items()))) as change:
        issue = change.record
        if change.repeated:
            return issue
        _only_the_assignee(visit, issue)
        standing = of(visit, issue)
        if standing is None or standing.note.id != seen:
            raise StaleIssueError(code)
        said = _tidied(standing, reasons)
        for name, reason in said.items():
            notes.keep(visit, issue, "tone", reason, about=name, field=name)
        kept: list[object] = [
            [place.remark.rule, fingerprint(said[place.name])]
            for place in standing.open
            if place.name in said
        ]
        data: dict[str, object] = {"draft": fingerprint(standing.note.body), "kept": kept}
        change.tell("tone-kept", data)
    return issue


def of(visit: Visit, issue: Issue) -> Standing | None:
    """The draft in force, if there is one: one query."""
    found = notes.of(visit, issue)
    drafts = [note for note in found if note.kind == "draft"]
    if not drafts:
        return None
    said = {note.about: note.body for note in found if note.kind == "tone"}
    return Standing(drafts[-1], _marked(visit, issue, drafts[-1], said, drafts[:-1]), drafts[-2::-1])


def is_clean(visit: Visit, issue: Issue) -> bool:
    """Whether nothing is remarked on the draft in force of which nobody has said why it stays."""
    standing = of(visit, issue)
    return standing is None or not standing.open


def approved(issue: Issue) -> list[date]:
    """The dates that customers may be promised: the deadline, once management has set a timeline."""
    return [issue.deadline] if issue.deadline != NO_DEADLINE and issue.timeline_at else []


def _marked(
    visit: Visit,
    issue: Issue,
    note: IssueNote,
    said: Mapping[str, str] | None = None,
    earlier: list[IssueNote] | None = None,
) -> list[Marked]:
    said, found = said or {}, []
    times: Counter[tuple[str, str]] = Counter()
    for remark in tone.remarks(visit, note.body, approved=approved(issue)):
        words = tone.words(note.body, remark)
        times[remark.rule, words] += 1
        names = [
            f"keep-{fingerprint('tone', each.id, remark.rule, words, times[remark.rule, words])}"
            for each in (note, *reversed(earlier or []))
        ]
        before = next((said[name] for name in names[1:] if name in said), "")
        found.append(Marked(names[0], words, remark, said.get(names[0], ""), before))
    return found


def _tidied(standing: Standing, reasons: Mapping[str, str]) -> dict[str, str]:
    said: dict[str, str] = {}
    fields = Fields()
    for place in standing.open:
        typed = reasons.get(place.name, "")
        if not is_visible(typed):
            continue
        said[place.name] = fields.one_line(place.name, typed)
        if len(said[place.name]) < _SHORTEST_REASON:
            fields.refuse(place.name, f"Say in words why “{place.words}” stays.")
    if not said:
        fields.refuse("", "Say of at least one place why it stays, or change the draft.")
    fields.done()
    return said


def _only_the_assignee(visit: Visit, issue: Issue) -> None:
    if not may_draft(visit, issue):
        raise MoveRefusedError(issue.code, ["Only the assignee drafts the answer, while they work on it."])
