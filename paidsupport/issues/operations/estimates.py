"""The work left and the deadline: who set them, when and why, from the first figure on (T12, T15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto

from paidsupport.issues.operations import history, notes, privacy, slips
from paidsupport.issues.operations.notes import tidied
from paidsupport.issues.rules.estimates import BadEstimateError, minutes_of
from paidsupport.issues.tables import NO_DEADLINE, Estimate, Issue
from paidsupport.issues.workflow import ISSUE, states_where
from paidsupport.kernel.chain import fingerprint
from paidsupport.kernel.context import Context
from paidsupport.kernel.edit import Change
from paidsupport.kernel.errors import InvalidInputError, TransitionRefusedError, for_managers
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.workflow import Part

_FOR_MANAGERS = for_managers(_("Only a manager can change the deadline. Announce a delay instead."))

#: The furthest that a deadline may be away.
_FURTHEST = timedelta(days=10 * 366)
#: States of issues that fill their assignee's time.
_LOAD = states_where(lambda state: state.fills_time)


class Same(Enum):
    """Stands for a value that a change keeps."""

    SAME = auto()


SAME = Same.SAME


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed: work left (empty: unchanged), a deadline (None: unchanged), and the reason."""

    left: str = ""
    until: str | None = None
    because: str = ""


def change(
    ctx: Context,
    issue: Issue,
    *,
    minutes_left: int | Same | None = SAME,
    deadline: date | Same | None = SAME,
    why: str = "",
) -> bool:
    """Write the work left and the deadline, with the row that records them; returns whether they changed.

    The caller holds the issue's lock and has cleaned `why`. A deadline of None removes it.

    A new deadline is a new promise, so a statement about the old one is dropped. If the assignee's work no
    longer fits, they are asked at once (see `slips`).
    """
    return _keep(ctx, history.edit(ctx, issue), _Values(issue, minutes_left, deadline), why)


def say(ctx: Context, code: str, said: Said, *, key: str) -> Issue:
    """Change the work left (the assignee and managers) and the deadline (managers).

    More work, or another deadline, needs a reason.

    Raises:
        NotFoundError: There is no such issue for this person.
        TransitionRefusedError: It is not for this person to change.
        InvalidInputError: By field as in `Said`.
        KeyReusedError: The form was sent with other content.
    """
    with history.edit(ctx, code, key=key, content=("estimate", code, said)) as made:
        issue = made.record
        if made.repeated:
            return issue
        _require(ctx, issue)
        values = _Values(issue, _minutes(ctx, said.left, "left"), _deadline(ctx, issue, said.until))
        because = tidied(said.because, "because", _WHY if _needs_reason(issue, values) else "")
        privacy.refuse_personal(ctx, issue, because, "because")
        _keep(ctx, made, values, because)
    return issue


def note(ctx: Context, code: str, body: str, left: str, *, key: str) -> Issue:
    """Leave a note and, if anything is typed, change the work left: both or neither.

    Raises as `notes.write` and `say`, at the fields `body` and `left_now`.
    """
    made = history.edit(ctx, code, key=f"left {key}", content=("estimate-note", code, left))
    minutes = _minutes(ctx, left, "left_now")
    if minutes is SAME or made.repeated:
        return notes.write(ctx, code, body, key=key)
    with made:
        _require(ctx, made.record)
        issue = notes.write(ctx, code, body, key=key)
        _keep(ctx, made, _Values(issue, minutes, SAME), "")
    return issue


def may_say(ctx: Context, issue: Issue) -> bool:
    """Whether this person may say how much work is left."""
    open_ = ISSUE.state(issue.state).part is not Part.CLOSED
    return open_ and (ctx.by.is_manager or (ctx.by.id is not None and ctx.by.id == issue.owner_id))


#: What people type when nothing is left to do.
_NOTHING = {"0", "0m", "0h", "0d", "none", "nothing"}
_WHY = _("Enter a reason. Others have planned with the earlier figure.")


@dataclass(frozen=True, slots=True)
class _Values:
    """The new values of an issue; `Same` if unchanged."""

    issue: Issue
    minutes_left: int | Same | None
    deadline: date | Same | None

    @property
    def minutes(self) -> int | None:
        return self.issue.minutes_left if isinstance(self.minutes_left, Same) else self.minutes_left

    @property
    def until(self) -> date:
        return self.issue.deadline if isinstance(self.deadline, Same) else self.deadline or NO_DEADLINE


def _keep(ctx: Context, made: Change[Context, Issue], values: _Values, why: str) -> bool:
    issue = made.record
    minutes, until = values.minutes, values.until
    moved = until != issue.deadline
    if minutes == issue.minutes_left and not moved:
        made.nothing_new()
        return False
    row = Estimate(
        issue_id=issue.id,
        at=ctx.now,
        person_id=ctx.by.id,
        person_name=ctx.by.name,
        minutes_left=minutes,
        deadline=until,
        why=why,
    )
    ctx.session.add(row)
    data: dict[str, object] = {
        "left": minutes,
        "deadline": None if until == NO_DEADLINE else until.isoformat(),
    }
    if why:
        data["why"] = fingerprint(why)
    over = {"slip_asked_at": None, "slipping_since": None} if moved else {}
    made.tell("estimate-changed", data, minutes_left=minutes, deadline=until, **over)
    if issue.owner_id is not None and issue.state in _LOAD:
        slips.look(ctx, issue.owner_id, waiting=False)
    return True


def _require(ctx: Context, issue: Issue) -> None:
    if not may_say(ctx, issue):
        sentence = _("Only the assignee or a manager can change the time left, until the issue is closed.")
        raise TransitionRefusedError(issue.code, [sentence])


def _needs_reason(issue: Issue, values: _Values) -> bool:
    """Whether colleagues who have planned with the old values have to change their plans."""
    longer = issue.minutes_left is not None and (values.minutes or 0) > issue.minutes_left
    return longer or (issue.deadline not in {values.until, NO_DEADLINE})


def _minutes(ctx: Context, typed: str, field: str) -> int | Same:
    if not typed.strip():
        return SAME
    if typed.strip().lower() in _NOTHING:
        return 0
    try:
        return minutes_of(typed, ctx.services.hours.day)
    except BadEstimateError as error:
        raise InvalidInputError({field: [str(error)]}) from None


def _deadline(ctx: Context, issue: Issue, typed: str | None) -> date | Same | None:
    if typed is None:
        return SAME
    if not ctx.by.is_manager:
        sentence = _FOR_MANAGERS
        raise InvalidInputError({"until": [sentence]})
    if not typed.strip():
        return None
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        raise InvalidInputError({"until": [_("Enter a date like 2034-03-14.")]}) from None
    today = ctx.today
    if day != issue.deadline and not today <= day <= today + _FURTHEST:
        raise InvalidInputError({"until": [_("Choose a date within the next ten years.")]})
    return day
