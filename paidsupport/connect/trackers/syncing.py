"""Issues here and in trackers: filed once, followed both ways, nothing overwritten (P17, T1).

What happens here becomes tasks (`react`). What is new there becomes tasks as well (`take_in`): each issue
there is looked at in the same chain in which it is changed, so that no answer is older than what was done
before. A task is worked off in three steps, `prepare`, `perform` and `note`, as `connections.kinds` has them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from paidsupport.connect.connections import configured
from paidsupport.connect.connections import operations as connections
from paidsupport.connect.connections import queries as remotes
from paidsupport.connect.connections.kinds import Done
from paidsupport.connect.connections.tables import Connection, ConnectionTask, Remote
from paidsupport.connect.log.tables import Announcement
from paidsupport.connect.trackers import merging, queries
from paidsupport.connect.trackers.protocol import (
    Abilities,
    Change,
    Fields,
    Outgoing,
    StaleError,
    There,
    Tracker,
)
from paidsupport.connect.trackers.queries import ISSUE, NOTE
from paidsupport.intake.mail import plain
from paidsupport.issues import tables as issues
from paidsupport.issues.operations import access, history, news, opening, privacy, transitions
from paidsupport.issues.operations.opening import Opening
from paidsupport.issues.queries.contents import marks_kept, tags_of
from paidsupport.issues.queries.families import tickets_around
from paidsupport.issues.queries.news import managers
from paidsupport.issues.rules.kinds import NORMAL, PRIORITIES, Occasion
from paidsupport.issues.tables import Issue, IssueNote
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.codes import ISSUE_PREFIX, new_key, tidy_code
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.mail.transports import NotSentError
from paidsupport.kernel.text import is_visible, shorten
from paidsupport.tickets.tags.rules import fold_tag

#: Which issues are filed: values of `files`.
CHOSEN, TAGGED, ALL = "chosen", "tagged", "all"
#: What becomes of issues that others file there: values of `takes`.
TAKE, LEAVE = "take", "leave"
#: What tasks do: file an issue, change it there, write a note there, look at it, and look whether one that is
#: not known is ours.
FILE, SET, WRITE, LOOK, FIND = "file", "set", "write", "look", "find"

CONFLICT = storable(_("It was changed here and in the tracker in different ways."))
_PERSONAL = storable(_("It isn't sent: it contains personal data (%(found)s)."))
PRIVATE = storable(_("It's private, and the tracker can't keep issues private."))
#: How often a change is tried while others change the same issue.
_TRIES = 3
_LONGEST, _LONGEST_LINE = 15_000, 180
#: What turns the direction of a text.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_OPENED = "issue.opened"


@dataclass(frozen=True, slots=True)
class Refused:
    """It must not leave, for a reason in words."""

    why: str


@dataclass(frozen=True, slots=True)
class ToFile:
    """An issue to be filed; `asked`: whether it may have been before."""

    issue: Outgoing
    asked: bool


@dataclass(frozen=True, slots=True)
class ToSet:
    """Changes of an issue there.

    Attributes:
        wanted: The fields to be changed, as in `merging.ours`.
        before: How it was there when both agreed last.
        abilities: What the tracker can do.
        over: Whether what was changed there meanwhile is overwritten, since staff have decided so.
    """

    id: str
    fields: Fields
    wanted: merging.Known
    before: merging.Known
    abilities: Abilities
    over: bool


@dataclass(frozen=True, slots=True)
class ToWrite:
    """A note to be written there; `known`: the ids of those that are ours already."""

    id: str
    text: str
    private: bool
    asked: bool
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class ToLook:
    """An issue to be looked at, by its id or by our reference."""

    id: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Pushed:
    """It was changed there: `wanted` is what is so now."""

    there: There
    wanted: merging.Known


def abilities_of(services: Services, connection: Connection) -> Abilities:
    """What the tracker of a connection can do."""
    kind = configured.kinds(services).get(connection.kind)
    found = getattr(kind, "abilities", None)
    return found if isinstance(found, Abilities) else Abilities()


def keeps(abilities: Abilities, issue: Issue) -> bool:
    """Whether an issue may be there: a private one only where it is private as well."""
    return abilities.private_issue or not issue.private


def react(ctx: Context, connection: Connection, happened: Sequence[Announcement]) -> None:
    """Queue what issues have to tell the tracker: once for each of them."""
    told: dict[int, list[Announcement]] = {}
    for each in happened:
        if each.issue_id is not None:
            told.setdefault(each.issue_id, []).append(each)
    abilities = abilities_of(ctx.services, connection)
    for issue_id, about in told.items():
        issue = queries.issue_by_id(ctx.session, issue_id)
        remote = remotes.remote_of(ctx.session, connection.id, ISSUE, issue.code)
        if remote is not None:
            _react_to(ctx, connection, remote, issue, abilities, about[-1])
        elif _is_wanted(ctx, connection, issue, about) and keeps(abilities, issue):
            queue(ctx, connection, FILE, issue, about=about[-1])


def _react_to(
    ctx: Context,
    connection: Connection,
    remote: Remote,
    issue: Issue,
    abilities: Abilities,
    about: Announcement,
) -> None:
    if remote.remote is None or not merging.pending(remote.agreed, merging.ours(issue, abilities)):
        return
    # where they disagree, staff decide; a look tells whether they still do
    queue(ctx, connection, LOOK if remote.conflict else SET, issue, about=about)


def _is_wanted(ctx: Context, connection: Connection, issue: Issue, about: Sequence[Announcement]) -> bool:
    files = connection.values.get("files", CHOSEN)
    if files == ALL:
        return any(each.type == _OPENED for each in about)
    if files == TAGGED:
        wanted = fold_tag(str(connection.values.get("tag", "")))
        return bool(wanted) and wanted in {tag.folded for tag in tags_of(ctx.session, issue)}
    return False


def queue(
    ctx: Context,
    connection: Connection,
    what: str,
    issue: Issue,
    *,
    about: Announcement | None = None,
    body: str = "",
) -> None:
    """Queue a task about an issue, unless the same is still to be done."""
    if not body and queries.waits(ctx.session, connection.id, (what,), issue.code):
        return
    connections.queue(ctx, connection, what, about=about, chain=issue.code, body=body, issue_id=issue.id)
    ctx.session.flush()


def prepare(ctx: Context, connection: Connection, task: ConnectionTask) -> Any:  # noqa: ANN401  # as above
    """What a task needs to know; None if there is nothing left to do."""
    if task.issue_id is None:
        return ToLook(task.body)
    issue = queries.issue_by_id(ctx.session, task.issue_id)
    remote = remotes.remote_of(ctx.session, connection.id, ISSUE, issue.code)
    abilities = abilities_of(ctx.services, connection)
    if task.what == FILE:
        return _to_file(ctx, connection, task, issue, remote, abilities)
    if task.what == LOOK and remote is not None:
        return ToLook(remote.remote or "", "" if remote.remote else issue.code)
    if remote is None or remote.remote is None or not keeps(abilities, issue):
        return Refused(PRIVATE) if remote is not None and remote.remote is not None else None
    if task.what == WRITE:
        return _to_write(ctx, connection, task, issue, remote, abilities)
    return _to_set(task, issue, remote, abilities)


def _to_set(task: ConnectionTask, issue: Issue, remote: Remote, abilities: Abilities) -> ToSet | None:
    """What is to be changed; a task that names fields overwrites what others have changed."""
    here, over = merging.ours(issue, abilities), task.body.split()
    if over:
        wanted = {name: here[name] for name in over if name in here}
    else:
        wanted = {} if remote.conflict else merging.pending(remote.agreed, here)
    if not wanted or remote.remote is None:
        return None
    before = remote.agreed.get("theirs", {})
    return ToSet(remote.remote, merging.fields(issue, wanted), wanted, before, abilities, bool(over))


def _to_file(
    ctx: Context,
    connection: Connection,
    task: ConnectionTask,
    issue: Issue,
    remote: Remote | None,
    abilities: Abilities,
) -> ToFile | Refused | None:
    if remote is not None and (remote.remote is not None or remote.agreed.get("waits")):
        return None
    if not keeps(abilities, issue):
        return Refused(PRIVATE)
    if found := _personal(ctx, issue, issue.summary, issue.details):
        return Refused(found)
    asked = remote is not None and bool(remote.agreed.get("asked"))
    if remote is None:
        remote = Remote(
            connection_id=connection.id,
            what=ISSUE,
            ours=issue.code,
            issue_id=issue.id,
            agreed={},
            created_at=ctx.now,
        )
        ctx.session.add(remote)
    elif (by := remote.agreed.get("by", "")) != task.reference and queries.is_waiting(ctx.session, by):
        return None  # another task is at it
    # from now on, it may be there
    ours = {**merging.ours(issue, abilities), "stage": "new"} | ({"release": ""} if abilities.release else {})
    remote.agreed = {**remote.agreed, "asked": True, "by": task.reference, "ours": ours}
    ctx.session.flush()
    tags = tuple(tag.name for tag in tags_of(ctx.session, issue))
    leaving = Outgoing(
        reference=issue.code,
        kind=issue.kind,
        summary=issue.summary,
        details=issue.details,
        private=issue.private,
        priority=issue.priority,
        tags=tags,
    )
    return ToFile(leaving, asked)


def _to_write(
    ctx: Context,
    connection: Connection,
    task: ConnectionTask,
    issue: Issue,
    remote: Remote,
    abilities: Abilities,
) -> ToWrite | Refused | None:
    written = queries.notes_there(ctx.session, connection.id, issue.id)
    note = next((each for each in written if each.ours == task.body), None)
    if note is None or note.remote is not None or remote.remote is None:
        return None
    text = queries.note_text(ctx.session, int(note.ours.split()[-1]))
    if found := _personal(ctx, issue, text):
        return Refused(found)
    asked = bool(note.agreed.get("asked"))
    note.agreed = {"asked": True}
    ctx.session.flush()
    known = frozenset(each.remote.rpartition("/")[2] for each in written if each.remote)
    private = issue.private and abilities.private_note
    return ToWrite(remote.remote, text, private, asked, known)


def perform(client: Tracker, _task: ConnectionTask, wanted: Any) -> Done:  # noqa: ANN401  # what `prepare` gives
    """Make the requests of a task."""
    match wanted:
        case ToFile(issue, asked):
            found = client.find(issue.reference) if asked else None
            return Done(found=found or client.file(issue))
        case ToSet():
            return Done(found=_set(client, wanted))
        case ToWrite():
            return Done(found=_write(client, wanted))
        case ToLook(id_, reference):
            return Done(found=client.find(reference) if reference else client.look(id_))
        case Refused(why):
            raise NotSentError(why, permanent=True)
    raise AssertionError(wanted)


def _set(client: Tracker, to: ToSet) -> Pushed | There:
    """Change what nobody else has changed; the issue as it is there, if somebody has."""
    for _try in range(_TRIES):
        there = client.look(to.id)
        now = merging.theirs(there, to.abilities)
        if all(now[name] == value for name, value in to.wanted.items()):
            return Pushed(there, to.wanted)
        if not to.over and any(
            now[name] not in {to.before.get(name), value} for name, value in to.wanted.items()
        ):
            return there
        try:
            return Pushed(client.set(to.id, to.fields, there.version), to.wanted)
        except StaleError as error:
            stale = error
    raise stale


def _write(client: Tracker, to: ToWrite) -> str:
    if to.asked:
        for each in client.look(to.id).notes:
            if each.ours and each.id not in to.known and each.text.split() == to.text.split():
                return each.id
    return client.note(to.id, to.text, private=to.private)


def note(ctx: Context, connection: Connection, task: ConnectionTask, done: Done) -> None:
    """Write down what came of a task."""
    if task.issue_id is None:
        if isinstance(done.found, There):
            _take(ctx, connection, done.found, opens=task.what == LOOK)
        return
    issue = issues.lock_by_id(ctx.session, task.issue_id)
    remote = remotes.remote_of(ctx.session, connection.id, ISSUE, issue.code)
    if remote is None:
        return
    remote.looked_at = ctx.now
    if task.what == WRITE:
        _note_written(ctx, connection, task, issue, remote, str(done.found))
    elif done.found is None:
        # somebody there has to let it through, or it is not there
        remote.agreed = {**remote.agreed, "waits": task.what == FILE or bool(remote.agreed.get("waits"))}
    elif isinstance(done.found, Pushed):
        _note_pushed(remote, done.found)
    elif remote.remote is None:
        _link(ctx, connection, remote, issue, done.found)
    else:
        _merge(ctx, connection, remote, issue, done.found)
    ctx.session.flush()


def take_in(ctx: Context, connection: Connection, changes: Sequence[Change]) -> None:
    """Queue looks at what is new there, or has changed."""
    takes = connection.values.get("takes", TAKE) == TAKE
    unlinked = queries.has_unlinked(ctx.session, connection.id)
    for each in changes:
        remote = remotes.remote_by_id(ctx.session, connection.id, ISSUE, each.id)
        # what is not known may have been filed by the desk itself: then it is linked
        if remote is None and not (takes and each.fresh) and not unlinked:
            continue
        chain = remote.ours if remote is not None else f"there {each.id}"
        if queries.waits(ctx.session, connection.id, (LOOK, FIND), chain):
            continue
        what = LOOK if remote is not None or (takes and each.fresh) else FIND
        body = each.id if remote is None else ""
        issue_id = remote.issue_id if remote is not None else None
        connections.queue(ctx, connection, what, chain=chain, body=body, issue_id=issue_id)
    ctx.session.flush()


def _take(ctx: Context, connection: Connection, there: There, *, opens: bool) -> None:
    """Take over an issue there that nothing here was known to be; `opens`: as a new one if it is not ours."""
    remote = remotes.remote_by_id(ctx.session, connection.id, ISSUE, there.id)
    if remote is None and there.ours:
        # our reference counts only where the account of the desk has written it
        code = tidy_code(there.reference, ISSUE_PREFIX) or ""
        remote = remotes.remote_of(ctx.session, connection.id, ISSUE, code)
        if remote is not None and remote.remote is None and remote.issue_id is not None:
            _link(ctx, connection, remote, issues.lock_by_id(ctx.session, remote.issue_id), there)
        return
    if remote is not None:
        if remote.issue_id is not None:
            _merge(ctx, connection, remote, issues.lock_by_id(ctx.session, remote.issue_id), there)
        return
    if opens and connection.values.get("takes", TAKE) == TAKE:
        _open(ctx, connection, there)


def _open(ctx: Context, connection: Connection, there: There) -> None:
    """Open a new issue of what somebody filed there, without anything personal (T1)."""
    reader = privacy.Reader(ctx, ())
    summary = _line(reader.cut(_fit(there.summary)))
    if not is_visible(summary):
        summary = str(translate(_("Filed without a subject")))
    details = reader.cut(_fit(there.details))[:_LONGEST].strip()
    wanted = Opening(
        kind="bug",
        summary=summary,
        details=details if is_visible(details) else summary,
        private=there.private,
        priority=there.priority or NORMAL,
    )
    key = f"{connection.reference} {there.id}"
    issue = opening.open_issue(ctx, wanted, key=key, read_before=True)
    abilities = abilities_of(ctx.services, connection)
    remote = Remote(
        connection_id=connection.id,
        what=ISSUE,
        ours=issue.code,
        remote=there.id,
        issue_id=issue.id,
        link=there.link,
        version=there.version,
        agreed={
            "origin": "there",
            "ours": merging.ours(issue, abilities),
            "theirs": merging.theirs(there, abilities),
            "seen": merging.seen(there),
        },
        created_at=ctx.now,
        looked_at=ctx.now,
    )
    ctx.session.add(remote)
    ctx.session.flush()
    _take_notes(ctx, connection, issue, there)


def _link(ctx: Context, connection: Connection, remote: Remote, issue: Issue, there: There) -> None:
    """Know from now on what an issue of ours is there; what has changed since it was filed follows."""
    other = remotes.remote_by_id(ctx.session, connection.id, ISSUE, there.id)
    if other is not None and other is not remote:
        return
    remote.remote, remote.link, remote.version = there.id, there.link, there.version
    abilities = abilities_of(ctx.services, connection)
    kept = {name: value for name, value in remote.agreed.items() if name == "ours"}
    theirs = merging.theirs(there, abilities)
    remote.agreed = {**kept, "theirs": theirs, "seen": merging.seen(there)}
    history.tell(ctx, issue, "filed-there", {"where": connection.name})
    if merging.pending(remote.agreed, merging.ours(issue, abilities)):
        queue(ctx, connection, SET, issue)


def _note_pushed(remote: Remote, pushed: Pushed) -> None:
    """Both agree on what was changed; whatever else is new there is looked at when its turn comes."""
    agreed = remote.agreed
    remote.version = pushed.there.version
    remote.agreed = {
        **agreed,
        "ours": {**agreed.get("ours", {}), **pushed.wanted},
        "theirs": {**agreed.get("theirs", {}), **pushed.wanted},
        "seen": merging.seen(pushed.there),
        "conflict": [],
    }
    remote.conflict = ""


def _note_written(
    ctx: Context, connection: Connection, task: ConnectionTask, issue: Issue, remote: Remote, id_: str
) -> None:
    for each in queries.notes_there(ctx.session, connection.id, issue.id):
        if each.ours == task.body and each.remote is None:
            each.remote = f"{remote.remote}/{id_}"
            each.looked_at = ctx.now


def _merge(ctx: Context, connection: Connection, remote: Remote, issue: Issue, there: There) -> None:
    """Compare both sides: what was changed there alone is told here, and followed where the workflow can."""
    abilities = abilities_of(ctx.services, connection)
    found = merging.merged(remote.agreed, merging.ours(issue, abilities), merging.theirs(there, abilities))
    agreed = {**remote.agreed, "seen": merging.seen(there), "conflict": found.conflicts}
    remote.agreed = {**agreed, "ours": found.ours, "theirs": found.theirs}
    remote.conflict = str(CONFLICT) if found.conflicts else ""
    remote.version, remote.link = there.version, there.link
    remote.looked_at = ctx.now
    ctx.session.flush()
    _take_notes(ctx, connection, issue, there)
    if found.news:
        _tell_news(ctx, connection, issue, there, found.news)
    if not found.conflicts and merging.pending(remote.agreed, merging.ours(issue, abilities)):
        queue(ctx, connection, SET, issue)


def _tell_news(
    ctx: Context, connection: Connection, issue: Issue, there: There, fields: Sequence[str]
) -> None:
    """Write down what was changed there, and follow it where that needs no person."""
    said = "\n".join([_heading(connection), *(_said(name, there) for name in fields)])
    _add_note(ctx, issue, privacy.Reader(ctx, tickets_around(ctx.session, issue)).cut(said))
    if "private" in fields and there.private and not issue.private:
        access.set_private(ctx, issue.code, private=True, key=new_key())
        ctx.session.refresh(issue)
    name = merging.FOLLOWS.get(there.stage) if "stage" in fields else None
    if name is None:
        return
    for way in transitions.possible(ctx, issue):
        if way.transition.name == name and not way.blocked:
            transitions.apply(ctx, issue, name, version=issue.version, key=new_key())
            return


def _said(name: str, there: There) -> str:
    """One field as it is there, in words."""
    if name == "priority":
        value: object = PRIORITIES.get(there.priority, "–")
        return str(translate(_("Priority: %(value)s", value=value)))
    if name == "release":
        return str(translate(_("Planned for release: %(value)s", value=_line(_fit(there.release)) or "–")))
    if name == "private":
        return str(translate(_("It's private there now.") if there.private else _("It's public there now.")))
    state = _line(_fit(there.state)) or str(translate(merging.LABELS[there.stage]))
    more = [_line(_fit(each)) for each in (there.resolution, there.fixed_in) if each]
    return str(translate(_("State: %(value)s", value=", ".join([state, *more]))))


def _take_notes(ctx: Context, connection: Connection, issue: Issue, there: There) -> None:
    """Take over the public notes that others wrote there, each once, without anything personal."""
    known = {each.remote for each in queries.notes_there(ctx.session, connection.id, issue.id)}
    fresh = [
        each
        for each in there.notes
        if not each.ours and not each.private and f"{there.id}/{each.id}" not in known
    ]
    reader = privacy.Reader(ctx, tickets_around(ctx.session, issue)) if fresh else None
    for each in fresh:
        text = reader.cut(_fit(each.text))[:_LONGEST].strip() if reader else ""
        body = f"{_heading(connection)}\n{text}" if is_visible(text) else ""
        row = _add_note(ctx, issue, body) if body else None
        ctx.session.add(
            Remote(
                connection_id=connection.id,
                what=NOTE,
                ours=f"note {row.id}" if row else f"empty {there.id}/{each.id}",
                remote=f"{there.id}/{each.id}",
                issue_id=issue.id,
                agreed={},
                created_at=ctx.now,
            )
        )
    ctx.session.flush()


def _add_note(ctx: Context, issue: Issue, body: str) -> IssueNote:
    row = privacy.add_note(ctx, issue, NOTE, body, about="tracker")
    history.tell(ctx, issue, "noted", {"text": fingerprint(body)})
    news.tell(ctx, issue, Occasion.HEARD, [issue.owner_id] if issue.owner_id else managers(ctx.session))
    return row


def _heading(connection: Connection) -> str:
    return str(translate(_("From %(name)s:", name=connection.name)))


def _personal(ctx: Context, issue: Issue, *texts: str) -> str:
    """Why these texts must not leave; empty if they may: they were checked here, and are once more."""
    reader = privacy.Reader(ctx, tickets_around(ctx.session, issue))
    kept = marks_kept(ctx.session, issue)
    found = [each for each in reader.recognised(*texts) if each.mark not in kept]
    if not found:
        return ""
    return str(filled(_PERSONAL, found=", ".join(dict.fromkeys(each.kind.value for each in found))))


def _fit(text: str) -> str:
    """A text of others as it can be kept here."""
    return _TURNING.sub("", plain.tidy(text, 2 * _LONGEST))


def _line(text: str) -> str:
    return shorten(" ".join(text.split()), _LONGEST_LINE)
