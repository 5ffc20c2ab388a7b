"""Analysis: management asks a developer how and how long, and sets a timeline (T10, T12, T13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from paidsupport.issues.operations import (
    access,
    estimates,
    family,
    followers,
    history,
    news,
    notes,
    privacy,
    transitions,
)
from paidsupport.issues.operations.opening import Opening, open_issue
from paidsupport.issues.operations.transitions import Filled
from paidsupport.issues.queries import analysis as queries
from paidsupport.issues.queries import families
from paidsupport.issues.queries.analysis import Inbox
from paidsupport.issues.rules.estimates import BadEstimateError, minutes_of
from paidsupport.issues.rules.kinds import PRIORITIES, STAGES, Occasion
from paidsupport.issues.tables import NO_DEADLINE, Issue
from paidsupport.issues.workflow import ANSWER, ASK, ASK_PART, FEEDBACK, FEEDBACK_IN, NEW, SUBS_ANSWERED
from paidsupport.kernel import fields as read
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import (
    InvalidInputError,
    ManagersOnlyError,
    StaleIssueError,
    TransitionRefusedError,
    for_managers,
)
from paidsupport.kernel.fields import Fields
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.text import is_visible

_FOR_MANAGERS = for_managers(_("Only managers can set the timeline."))
_INBOX_FOR_MANAGERS = for_managers(_("Only a manager can see the inbox of issues."))

#: The most sub-issues that one form can open.
MOST_PARTS = 5
#: The longest name of a version or a release.
_VERSION = 40
#: The furthest that a deadline may be away.
_FAR = timedelta(days=10 * 366)
_PLANNED_IN = ("new", "confirmed", "assigned", "review")


@dataclass(frozen=True, slots=True)
class Part:
    """A sub-issue for a colleague, who is asked for feedback at once."""

    summary: str = ""
    colleague: int | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """Feedback as typed: how long it takes and how to solve it; or where it is solved already."""

    estimate: str = ""
    path: str = ""
    fixed_where: str = ""
    fixed_version: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """A deadline, a release and the reason, as typed; the day as `2034-03-14`."""

    deadline: str = ""
    release: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Tidy:
    """Feedback that was checked."""

    minutes: int | None
    path: str
    fixed_where: str
    fixed_version: str
    parts: tuple[Part, ...]


def ask(
    ctx: Context, code: str, colleague: int | None, priority: int, note: str, *, version: int, key: str
) -> Issue:
    """Set the priority of a new issue and ask a developer for feedback: both or neither.

    Raises:
        NotFoundError: There is no such issue for this person.
        InvalidInputError: By field (`priority`, `colleague`, `note`).
        StaleIssueError: It has changed since it was seen.
        TransitionRefusedError: It is not new, or this person is not a manager.
        KeyReusedError: The form was sent with other content.
    """
    issue = access.lock(ctx, code)
    if priority not in PRIORITIES:
        raise InvalidInputError({"priority": [_("Choose a priority from the list.")]})
    fresh = issue.version == version
    filled = Filled(colleague=colleague, note=note)
    try:
        transitions.apply(ctx, issue, ASK.name, version=version, key=key, filled=filled)
    except TransitionRefusedError as error:
        named = [guard.unmet for guard in ASK.guards if guard.field == "colleague"]
        if error.sentences == named:
            raise InvalidInputError({"colleague": named}) from None
        raise
    if fresh and issue.priority != priority:
        history.tell(ctx, issue, "prioritised", {"priority": priority}, priority=priority)
    return issue


def give_feedback(ctx: Context, code: str, feedback: Feedback, *, version: int, key: str) -> Issue:
    """Give feedback; once all sub-issues have theirs, the issue is new again (T12).

    A repeated key changes nothing.

    Raises:
        NotFoundError: There is no such issue for this person.
        InvalidInputError: By field as in `Feedback`.
        TransitionRefusedError: No one was asked, or a colleague was.
        StaleIssueError: It has changed since it was seen.
        KeyReusedError: The form was sent with other content.
    """
    kin = family.lock(ctx, code)
    issue = kin.issue
    with history.edit(ctx, issue, key=key, content=("issue-feedback", code, feedback)) as change:
        if change.repeated:
            return issue
        _only_who_is_asked(ctx, issue, version)
        tidy = _tidied(ctx, issue, feedback)
        for number, part in enumerate(tidy.parts):
            _open_part(ctx, issue, part, f"{key} {number}")
        if tidy.path:
            notes.keep(ctx, issue, "feedback", tidy.path, field="path")
        data: dict[str, object] = {
            "minutes": tidy.minutes,
            "fixed": tidy.fixed_where,
            "parts": len(tidy.parts),
            "text": fingerprint(tidy.path, tidy.fixed_version),
        }
        change.tell(
            "feedback-given",
            data,
            estimate_minutes=tidy.minutes,
            path=tidy.path,
            fixed_where=tidy.fixed_where,
            fixed_version=tidy.fixed_version,
            feedback_at=ctx.now,
            feedback_due_at=None,
        )
        news.tell(ctx, issue, Occasion.ANSWERED, [each.owner_id for each in kin.above[:1]])
        left = 0 if tidy.fixed_where else tidy.minutes
        estimates.change(ctx, issue, minutes_left=left, why="Feedback")
        if not families.unanswered_parts(ctx.session, ctx.by, issue):
            transitions.apply(ctx, issue, ANSWER.name, version=issue.version)
        family.rise(ctx, kin.above)
    return issue


def open_parts(ctx: Context, code: str, parts: tuple[Part, ...], *, version: int, key: str) -> Issue:
    """Open sub-issues and ask for feedback on them before giving one's own. Raises as `give_feedback`."""
    with history.edit(ctx, code, key=key, content=("issue-parts", code, parts)) as change:
        issue = change.record
        if change.repeated:
            return issue
        _only_who_is_asked(ctx, issue, version)
        fields = Fields()
        tidy = _tidy_parts(ctx, issue, parts, fields)
        if not tidy:
            fields.refuse("parts", _("Enter what the sub-issue is about and choose a colleague."))
        fields.done()
        for number, part in enumerate(tidy):
            _open_part(ctx, issue, part, f"{key} {number}")
        change.tell("parts-opened", {"parts": len(tidy)})
    return issue


def set_timeline(ctx: Context, code: str, timeline: Timeline, *, key: str) -> Issue:
    """Set a deadline and a release; the owners of waiting tickets are asked to tell their customers (T13).

    If no waiting customer has yet to be told, the issue is confirmed at once.

    Raises:
        NotFoundError: There is no such issue for this person.
        InvalidInputError: By field as in `Timeline`.
        TransitionRefusedError: The issue does not allow it now.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("issue-timeline", code, timeline)) as change:
        issue = change.record
        if change.repeated:
            return issue
        _only_when_planned(ctx, issue)
        until, release, why = _planned(ctx, issue, timeline)
        if why:
            notes.keep(ctx, issue, "timeline", why, field="why")
        estimates.change(ctx, issue, deadline=until, why=why)
        data: dict[str, object] = {
            "deadline": until.isoformat() if until else None,
            "release": fingerprint(release) if release else None,
        }
        values = {"target_release": release, "timeline_at": ctx.now}
        change.tell("timeline-set", data, **values)
        untold = [each.ticket.owner_id for each in followers.waiting(ctx, issue) if not each.is_told_we_look]
        access.let_read(ctx, issue, *untold)
        news.tell(ctx, issue, Occasion.INVESTIGATE, untold)
        family.confirm(ctx, issue)
    return issue


def inbox(ctx: Context, after: str = "") -> Inbox:
    """One page of management's inbox; `after` is where the page before ended.

    Raises:
        ManagersOnlyError: This person is not a manager.
        NotFoundError: There is no such place in the inbox.
    """
    if not ctx.by.is_manager:
        raise ManagersOnlyError(_INBOX_FOR_MANAGERS)
    return queries.inbox(ctx.session, ctx.by, queries.key_of(after))


def earliest(ctx: Context, issue: Issue) -> tuple[int, date]:
    """The minutes of work on an issue and its parts, and the day they would be done if work began now."""
    minutes = families.minutes_left(ctx.session, issue)
    hours = ctx.services.hours
    return minutes, hours.after(ctx.now, minutes).astimezone(hours.zone).date()


def is_day_off(ctx: Context, day: date) -> bool:
    """Whether the desk is closed on a day: worth a warning, but no reason to refuse it."""
    hours = ctx.services.hours
    return day in hours.holidays or not hours.week[day.weekday()]


def _only_who_is_asked(ctx: Context, issue: Issue, version: int) -> None:
    if issue.version != version:
        raise StaleIssueError(issue.code)
    if issue.state != FEEDBACK.name:
        raise TransitionRefusedError(issue.code, [_("The issue isn't waiting for feedback now.")])
    if issue.owner_id is None or issue.owner_id != ctx.by.id:
        raise TransitionRefusedError(issue.code, [_("Only the assignee can give feedback.")])


def _only_when_planned(ctx: Context, issue: Issue) -> None:
    if not ctx.by.is_manager:
        raise TransitionRefusedError(issue.code, [_FOR_MANAGERS])
    if issue.state not in _PLANNED_IN:
        raise TransitionRefusedError(issue.code, [_("Wait for the feedback, or reopen the issue.")])
    if issue.state == NEW.name:
        if issue.feedback_at is None:
            raise TransitionRefusedError(issue.code, [FEEDBACK_IN.unmet])
        if families.unanswered_parts(ctx.session, ctx.by, issue):
            raise TransitionRefusedError(issue.code, [SUBS_ANSWERED.unmet])


def _open_part(ctx: Context, issue: Issue, part: Part, key: str) -> None:
    opening = Opening(
        kind=issue.kind,
        summary=part.summary,
        details=f"{issue.code}: {part.summary}",
        priority=issue.priority,
        parent=issue.code,
    )
    opened = open_issue(ctx, opening, key=key)
    filled = Filled(colleague=part.colleague)
    transitions.apply(ctx, opened, ASK_PART.name, version=opened.version, filled=filled)


def _tidied(ctx: Context, issue: Issue, given: Feedback) -> _Tidy:
    fields, minutes = Fields(), None
    if given.estimate.strip() or not given.fixed_where:
        try:
            minutes = minutes_of(given.estimate, ctx.services.hours.day)
        except BadEstimateError as error:
            fields.refuse("estimate", str(error))
    missing = "" if given.fixed_where else _("Enter how to solve it, so that it can be planned.")
    path = fields.many_lines("path", given.path, required=missing).strip()
    version = fields.one_line("fixed_version", given.fixed_version, limit=_VERSION)
    if given.fixed_where and given.fixed_where not in STAGES:
        fields.refuse("fixed_where", _("Choose from the list where it is solved."))
    elif given.fixed_where and not is_visible(version):
        fields.refuse("fixed_version", _("Enter the version in which it is solved."))
    elif version and not given.fixed_where:
        fields.refuse("fixed_where", _("Choose where it is solved, or remove the version."))
    parts = _tidy_parts(ctx, issue, given.parts, fields)
    for field, text in (("path", path), ("fixed_version", version)):
        _refuse_personal(ctx, issue, text, field, fields)
    fields.done()
    return _Tidy(minutes, path, given.fixed_where, version, parts)


def _tidy_parts(ctx: Context, issue: Issue, parts: tuple[Part, ...], fields: Fields) -> tuple[Part, ...]:
    """The sub-issues that were filled in; problems are reported at `parts`."""
    tidy = []
    for part in parts[:MOST_PARTS]:
        with fields.collecting():
            summary = read.one_line("parts", part.summary)
            if wrong := _wrong_part(ctx, summary, part.colleague):
                raise InvalidInputError({"parts": [wrong]})
            if is_visible(summary):
                _refuse_personal(ctx, issue, summary, "parts", fields)
                tidy.append(Part(summary, part.colleague))
    return tuple(tidy)


def _wrong_part(ctx: Context, summary: str, colleague: int | None) -> str:
    """What is wrong with a sub-issue, in a sentence."""
    if not is_visible(summary):
        return "" if colleague is None else _("Enter in one line what the sub-issue is about.")
    if colleague is None:
        return _("Choose a colleague for “%(summary)s”.", summary=summary)
    if colleague == ctx.by.id:
        return _(
            "Choose a colleague other than yourself for “%(summary)s”, or include it in your estimate.",
            summary=summary,
        )
    return ""


def _refuse_personal(ctx: Context, issue: Issue, text: str, field: str, fields: Fields) -> None:
    if text:
        with fields.collecting():
            tickets = [each.ticket for each in followers.everybody(ctx, issue)]
            privacy.refuse_personal(ctx, tickets, text, field)


def _planned(ctx: Context, issue: Issue, timeline: Timeline) -> tuple[date | None, str, str]:
    """The day, the release and the reason as they are stored. Raises InvalidInputError."""
    fields, until = Fields(), None
    if typed := timeline.deadline.strip():
        try:
            until = date.fromisoformat(typed)
        except ValueError:
            fields.refuse("deadline", _("Enter a date like 2034-03-14."))
    if until is not None and until < ctx.today and until != issue.deadline:
        fields.refuse("deadline", _("Choose a date in the future."))
    elif until is not None and until - ctx.today > _FAR:
        fields.refuse("deadline", _("Check the year: this is more than ten years away."))
    release = fields.one_line("release", timeline.release, limit=_VERSION)
    why = fields.many_lines("why", timeline.why).strip()
    if not fields.problems and until is None and not is_visible(release):
        fields.refuse("deadline", _("Enter a date or a release."))
    _refuse_personal(ctx, issue, release, "release", fields)
    fields.done()
    return until, release, why


def has_deadline(issue: Issue) -> bool:
    """Whether the issue has a deadline."""
    return issue.deadline != NO_DEADLINE
