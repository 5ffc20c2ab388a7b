"""What staff do with an issue in trackers: file it, look again, write to its reporter, decide (P17, T1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from paidsupport.connect.connections import configured
from paidsupport.connect.connections import queries as remotes
from paidsupport.connect.connections.tables import Connection, ConnectionTask, Remote
from paidsupport.connect.trackers import merging, queries, syncing
from paidsupport.connect.trackers.protocol import Abilities, Stage
from paidsupport.connect.trackers.queries import ISSUE, NOTE
from paidsupport.issues import tables as issues
from paidsupport.issues.operations import access, history, notes
from paidsupport.issues.rules.kinds import PRIORITIES
from paidsupport.issues.tables import Issue
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.errors import NotFoundError, TransitionRefusedError, for_managers
from paidsupport.kernel.i18n.messages import gettext as _

_FOR_MANAGERS = for_managers(_("Only a manager can take over what was changed in the tracker."))
_NOT_THERE = _("It isn't filed there yet.")
_AGREE = _("There is no conflict any more.")

#: What staff decide about a conflict.
OURS, THEIRS = "ours", "theirs"
#: The labels of fields that both sides can change.
LABELS = {
    "stage": _("State"),
    "priority": _("Priority"),
    "release": _("Planned for release"),
    "private": _("Private"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that was changed differently on both sides."""

    label: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Place:
    """One tracker, and what an issue is there.

    Attributes:
        remote: None if it was never filed there.
        under_way: Whether something is to be asked of it.
        waits: Whether somebody there has to let it through.
        problem: What went wrong last, in words.
        refusal: Why it cannot be there, in words.
        differences: What both sides changed.
    """

    connection: Connection
    remote: Remote | None
    under_way: bool
    waits: bool
    problem: str
    refusal: str
    differences: Sequence[Difference] = ()

    @property
    def is_filed(self) -> bool:
        """Whether it is known what it is there."""
        return self.remote is not None and self.remote.remote is not None

    @property
    def came(self) -> bool:
        """Whether others filed it there first."""
        return self.remote is not None and self.remote.agreed.get("origin") == "there"

    @property
    def state(self) -> str:
        """Its state there, as it is called there."""
        seen = self.remote.agreed.get("seen", {}) if self.remote is not None else {}
        named = (seen.get("state", ""), seen.get("resolution", ""), seen.get("fixed_in", ""))
        return ", ".join(each for each in named if each)


def places(ctx: Context, issue: Issue) -> Sequence[Place]:
    """All trackers of the desk, each with what the issue is there: three queries, one if there are none."""
    found = queries.trackers(ctx.session, _kinds(ctx.services))
    if not found:
        return ()
    filed, tasks = queries.filed(ctx.session, issue.id), queries.latest_tasks(ctx.session, issue.id)
    return [_place(ctx, issue, each, filed.get(each.id), tasks.get(each.id)) for each in found]


def _place(
    ctx: Context, issue: Issue, connection: Connection, remote: Remote | None, task: ConnectionTask | None
) -> Place:
    abilities = syncing.abilities_of(ctx.services, connection)
    failed = task is not None and (task.state in {"failed", "uncertain"} or task.attempts > 0)
    problem = task.problem if failed and task is not None and task.state != "sent" else ""
    return Place(
        connection,
        remote,
        under_way=task is not None and task.state in {"queued", "sending"},
        waits=remote is not None and remote.remote is None and bool(remote.agreed.get("waits")),
        problem=problem,
        refusal="" if syncing.keeps(abilities, issue) else str(syncing.PRIVATE),
        differences=_differences(issue, remote, abilities) if remote is not None and remote.conflict else (),
    )


def file(ctx: Context, code: str, reference: str) -> Issue:
    """File an issue in a tracker; asked twice it is done once.

    Raises:
        NotFoundError: There is no such issue for this person, or no such tracker.
        TransitionRefusedError: It is private, and the tracker cannot keep it so.
    """
    issue, connection = access.lock(ctx, code), _tracker(ctx, reference)
    _refuse_private(ctx, issue, connection)
    remote = remotes.remote_of(ctx.session, connection.id, ISSUE, issue.code)
    if remote is not None and remote.remote is not None:
        return issue
    if remote is not None and remote.agreed.get("waits"):
        # it may have been rejected there: it is searched once more before it is filed again
        remote.agreed = {**remote.agreed, "waits": False}
    syncing.queue(ctx, connection, syncing.FILE, issue)
    return issue


def look(ctx: Context, code: str, reference: str) -> Issue:
    """Look at an issue in a tracker, soon.

    Raises:
        NotFoundError: There is no such issue for this person, no such tracker, or it was never filed there.
    """
    issue, connection = access.lock(ctx, code), _tracker(ctx, reference)
    if remotes.remote_of(ctx.session, connection.id, ISSUE, issue.code) is None:
        raise NotFoundError
    syncing.queue(ctx, connection, syncing.LOOK, issue)
    return issue


def write(ctx: Context, code: str, reference: str, body: str, *, key: str) -> Issue:
    """Write a note on an issue that everybody reads in the tracker, such as whoever reported it.

    Raises:
        NotFoundError: There is no such issue for this person, or no such tracker.
        InvalidInputError: At `body`, also for personal data.
        TransitionRefusedError: It is not there, or private here and not there.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("tracker-note", code, reference, body)) as change:
        issue = change.record
        if change.repeated:
            return issue
        connection = _tracker(ctx, reference)
        remote = remotes.remote_of(ctx.session, connection.id, ISSUE, issue.code)
        if remote is None or remote.remote is None:
            raise TransitionRefusedError(issue.code, [_NOT_THERE])
        _refuse_private(ctx, issue, connection)
        note = notes.keep(
            ctx,
            issue,
            NOTE,
            notes.tidied(body, "body", _("Write the note first.")),
            about="tracker",
            field="body",
        )
        change.tell("noted", {"text": fingerprint(note.body)})
        ours = f"note {note.id}"
        ctx.session.add(
            Remote(
                connection_id=connection.id,
                what=NOTE,
                ours=ours,
                issue_id=issue.id,
                agreed={},
                created_at=ctx.now,
            )
        )
        syncing.queue(ctx, connection, syncing.WRITE, issue, body=ours)
    return issue


def decide(ctx: Context, code: str, reference: str, decision: str) -> Issue:
    """Settle a conflict: keep what is here and write it there, or take over what is there.

    A state there is taken over as it stands: the workflow here goes on from where it is.

    Raises:
        NotFoundError: There is no such issue for this person, no such tracker, or no such decision.
        TransitionRefusedError: There is no conflict, or only managers may take over what is there.
    """
    issue, connection = access.lock(ctx, code), _tracker(ctx, reference)
    remote = remotes.remote_of(ctx.session, connection.id, ISSUE, issue.code)
    if remote is None or decision not in {OURS, THEIRS}:
        raise NotFoundError
    if not remote.conflict:
        raise TransitionRefusedError(issue.code, [_AGREE])
    if decision == THEIRS and not ctx.by.is_manager:
        raise TransitionRefusedError(issue.code, [_FOR_MANAGERS])
    settle(ctx, connection, remote, decision == OURS)
    remote.conflict = ""
    return issue


def settle(ctx: Context, connection: Connection, remote: Remote, ours: bool) -> None:  # noqa: FBT001  # as in Kind
    """Let ours stay, and write it there, or take theirs; the caller ends the conflict."""
    if remote.issue_id is None:
        return
    issue = issues.lock_by_id(ctx.session, remote.issue_id)
    fields = list(remote.agreed.get("conflict", ()))
    if not ours:
        _take_theirs(ctx, issue, remote, fields, syncing.abilities_of(ctx.services, connection))
    elif fields:
        syncing.queue(ctx, connection, syncing.SET, issue, body=" ".join(fields))


def _take_theirs(
    ctx: Context, issue: Issue, remote: Remote, fields: Sequence[str], abilities: Abilities
) -> None:
    seen = remote.agreed.get("seen", {})
    if "priority" in fields and seen.get("priority") in PRIORITIES:
        priority = seen["priority"]
        history.tell(ctx, issue, "prioritised", {"priority": priority}, priority=priority)
    if "release" in fields:
        release = notes.tidied(str(seen.get("release", ""))[:40], "release", "")
        data = {"release": fingerprint(release) if release else None}
        history.tell(ctx, issue, "timeline-set", data, target_release=release)
    here = merging.ours(issue, abilities)
    agreed = remote.agreed
    there = {
        name: str(abilities.nearest(Stage(seen["stage"]))) if name == "stage" else seen.get(name)
        for name in fields
    }
    remote.agreed = {
        **agreed,
        "ours": {**agreed.get("ours", {}), **{name: here[name] for name in fields}},
        "theirs": {**agreed.get("theirs", {}), **there},
        "conflict": [],
    }
    ctx.session.flush()


def _differences(issue: Issue, remote: Remote, abilities: Abilities) -> Sequence[Difference]:
    seen, here = remote.agreed.get("seen", {}), merging.ours(issue, abilities)
    return [
        Difference(LABELS[name], _shown(name, here.get(name), {}), _shown(name, seen.get(name), seen))
        for name in remote.agreed.get("conflict", ())
        if name in LABELS
    ]


def _shown(name: str, value: object, seen: Mapping[str, object]) -> str:
    if name == "stage":
        return str(seen.get("state") or merging.LABELS[Stage(str(value))])
    if name == "priority":
        return str(PRIORITIES.get(int(str(value)), "–"))
    if name == "private":
        return str(_("Yes") if value else _("No"))
    return str(value or "–")


def _tracker(ctx: Context, reference: str) -> Connection:
    return queries.tracker(ctx.session, reference, _kinds(ctx.services))


def _kinds(services: Services) -> Sequence[str]:
    kinds = configured.kinds(services)
    return [name for name, kind in kinds.items() if hasattr(kind, "abilities")]


def _refuse_private(ctx: Context, issue: Issue, connection: Connection) -> None:
    if not syncing.keeps(syncing.abilities_of(ctx.services, connection), issue):
        raise TransitionRefusedError(issue.code, [str(syncing.PRIVATE)])
