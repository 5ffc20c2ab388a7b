"""What management wants to know: flow, age, who waits, deadlines, estimates, money, documentation (P11).

Counting goes over everything there is, so a worker does it, seldom enough to cost little; a page shows what
was counted last. Nothing in it names a customer or a private issue.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from paidsupport.issues.tables import Issue
from paidsupport.kernel.context import Context
from paidsupport.kernel.db.base import Base
from paidsupport.kernel.db.statements import new_rows, write
from paidsupport.kernel.errors import ManagersOnlyError, for_managers
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.i18n.stored import filled, storable
from paidsupport.kernel.money import Money
from paidsupport.ops.overview import tables as store
from paidsupport.ops.overview.tables import Overview
from paidsupport.ops.rating import tables as ratings
from paidsupport.ops.rating.operations import CHOICES
from paidsupport.tickets.notices import tables as notices
from paidsupport.tickets.tables import Ticket

#: Weeks that are shown, months of money, and days that count for documentation.
WEEKS, MONTHS, DAYS = 26, 12, 90
#: Never counted anew sooner, and never for more than this share of a worker's time: one part in so many.
SOONEST, SHARE = timedelta(seconds=60), 50
_FOR_MANAGERS = for_managers(_("Only a manager can see the overview."))
_HOUR = 60
#: The id of the one row there is.
_ROW = 1
_FIRST = new_rows(Base.metadata.tables[Overview.__tablename__])
#: A line has at least so many weeks.
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class Figure:
    """One plot with its table. The first column of `rows` says what the others, all figures, are about."""

    name: str
    title: str
    #: What it shows, in a sentence, and what its numbers are.
    about: str
    unit: str
    header: Sequence[str]
    rows: list[list[Any]]
    #: `line` for what goes on over time, `bar` for what stands side by side.
    kind: str = "bar"


@dataclass(frozen=True, slots=True)
class Counted:
    """All figures, and when they were counted."""

    at: datetime
    figures: list[Figure]
    took: int = 0
    last_event: int = 0
    last_issue_event: int = 0

    def figure(self, name: str) -> Figure | None:
        """The figure called `name`, if there is one."""
        return next((figure for figure in self.figures if figure.name == name), None)


def for_managers_only(ctx: Context) -> Counted:
    """What was counted last. Raises ManagersOnlyError for all others."""
    if not ctx.by.is_manager:
        raise ManagersOnlyError(_FOR_MANAGERS)
    return shown(ctx)


def shown(ctx: Context) -> Counted:
    """What was counted last: one query. On a desk whose worker has not counted yet it is counted now."""
    row = ctx.session.get(Overview, _ROW)
    if row is None:
        return count(ctx)
    figures = [Figure(**figure) for figure in row.figures["all"]]
    return Counted(row.at, figures, row.took, row.last_event, row.last_issue_event)


def renewed(ctx: Context) -> Counted | None:
    """The figures counted anew, if anything has happened since and it is time; nothing is written."""
    row = ctx.session.get(Overview, _ROW)
    if row is not None:
        rest = max(SOONEST, SHARE * timedelta(milliseconds=row.took))
        newest = notices.newest_event(ctx.session), store.newest_issue_event(ctx.session)
        same_day = ctx.services.hours.local(row.at).date() == ctx.today
        if ctx.now < row.at + rest or (same_day and newest == (row.last_event, row.last_issue_event)):
            return None
    return count(ctx)


def keep(ctx: Context, counted: Counted) -> None:
    """Put the figures where pages find them, in place of the ones before."""
    row = ctx.session.get(Overview, _ROW, with_for_update=True)
    if row is not None and row.at > counted.at:
        return  # another worker has counted since
    columns: dict[str, Any] = {
        "at": counted.at,
        "took": counted.took,
        "last_event": counted.last_event,
        "last_issue_event": counted.last_issue_event,
        "figures": {"all": [asdict(figure) for figure in counted.figures]},
    }
    if row is None:
        # two workers may count for the first time at once: the figures of one of them are enough
        write(ctx.session, _FIRST[ctx.session.get_bind().dialect.name], {"id": _ROW, **columns})
        return
    for name, value in columns.items():
        setattr(row, name, value)
    ctx.session.flush()


def count(ctx: Context) -> Counted:
    """Count everything, as it is now."""
    newest = notices.newest_event(ctx.session), store.newest_issue_event(ctx.session)
    began = time.perf_counter()
    figures = [figure for some in _FIGURES for figure in some(ctx)]
    took = round((time.perf_counter() - began) * 1000)
    return Counted(ctx.now, figures, took, *newest)


def _flow(ctx: Context) -> Figure:
    about = _("Orders, questions and leads received and closed in each week.")
    columns = {_("Received"): Ticket.submitted_at, _("Closed"): Ticket.ended_at}
    return _by_weeks(ctx, "flow", _("Tickets per week"), about, _("tickets"), columns)


def _issues(ctx: Context) -> Figure:
    about = _("Issues opened and resolved in each week.")
    columns = {_("Opened"): Issue.created_at, _("Resolved"): Issue.resolved_at}
    return _by_weeks(ctx, "issues", _("Issues per week"), about, _("issues"), columns)


def _by_weeks(
    ctx: Context, name: str, title: str, about: str, unit: str, columns: Mapping[Any, Any]
) -> Figure:
    """How many rows have each of these moments in a week."""
    weeks = _weeks(ctx.today)
    since = _since(ctx, weeks[0])
    found = [_by_week(store.by_day(ctx.session, moment, since)) for moment in columns.values()]
    rows = [[_named(week), *(each[week] for each in found)] for week in weeks]
    return Figure(name, title, about, unit, [_("Week"), *columns], _begun(rows), "line")


def _age(ctx: Context) -> Figure:
    borders = [ctx.now - timedelta(days=days) for days in (1, 3, 7, 30, 90)]
    found = store.ages(ctx.session, borders)
    names = [
        *(_("Up to a day"), _("1 to 3 days"), _("3 to 7 days")),
        *(_("7 to 30 days"), _("30 to 90 days"), _("Older")),
    ]
    none = [0] * len(names)
    pairs = zip(names, found.get("unassigned", none), found.get("pending", none), strict=True)
    header = [_("Age"), _("Unassigned"), _("Claimed")]
    about = _("Open tickets by the time since they were received.")
    return Figure("age", _("Age"), about, _("tickets"), header, [list(row) for row in pairs])


def _waits(ctx: Context) -> Figure:
    rows: defaultdict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for name, asked, asking in store.waiting(ctx.session):
        rows[name][:2] = int(asked), int(asking)
    for name, feedback, reviews, work in store.owed(ctx.session):
        rows[name][2:] = int(feedback), int(reviews), int(work)
    nobody = [_("Unassigned"), store.unclaimed(ctx.session), 0, 0, 0, 0]
    header = [
        _("Person"),
        _("Customers waiting"),
        _("Waiting for customers"),
        _("Feedback due"),
        _("Reviews due"),
        _("Issues in progress"),
    ]
    everybody = [nobody, *([name, *rows[name]] for name in sorted(rows))]
    about = _("Whose answer customers and colleagues are waiting for, and each person's work.")
    return Figure("waits", _("Who waits for whom"), about, _("tickets and issues"), header, everybody)


#: Title of the kept deadlines, what they say; title of the time taken, what it says.
_KEPT = {
    "first-contact": (
        _("Deadlines for the first contact"),
        _("Deadlines for the first contact that were met and missed, by the week of the contact."),
        _("Time to the first contact"),
        _("How long the first contact took: the median in hours."),
    ),
    "resolution": (
        _("Deadlines for the resolution"),
        _("Deadlines for the resolution that were met and missed, by the week of the resolution."),
        _("Time to the resolution"),
        _("How long the resolution took: the median in hours."),
    ),
}


def _kept(ctx: Context, kind: str) -> list[Figure]:
    weeks = _weeks(ctx.today)
    outcomes: Counter[tuple[date, str]] = Counter()
    hours: defaultdict[date, Counter[int]] = defaultdict(Counter)
    for day, outcome, took, number in store.kept_deadlines(ctx.session, kind, _since(ctx, weeks[0])):
        outcomes[_week_of(day), outcome] += number
        hours[_week_of(day)][took] += number
    kept = [[_named(week), outcomes[week, "met"], outcomes[week, "late"]] for week in weeks]
    middles = [[_named(week), _median(hours[week])] for week in weeks]
    title, about, time_title, time_about = _KEPT[kind]
    header = [_("Week"), _("On time"), _("Late")]
    return [
        Figure(f"{kind}-kept", title, about, _("tickets"), header, _begun(kept), "line"),
        Figure(kind, time_title, time_about, _("hours"), [_("Week"), _("Hours")], _begun(middles), "line"),
    ]


def _median(hours: Counter[int]) -> int | None:
    """The whole hours that half of them took at most; none without any."""
    half, passed = sum(hours.values()) / 2, 0
    for each in sorted(hours):
        passed += hours[each]
        if passed >= half:
            return each
    return None


def _estimates(ctx: Context) -> Figure:
    between = ctx.services.hours.between
    rows = [
        [code, round(minutes / _HOUR, 1), round(max(between(began, submitted), 0) / _HOUR, 1)]
        for code, minutes, began, submitted in store.estimated(ctx.session)
        if began is not None
    ]
    header = [_("Issue"), _("Estimated hours"), _("Actual working hours")]
    about = _("The newest resolved issues: the estimate, and the working time from start to review.")
    return Figure("estimates", _("Estimates against reality"), about, _("hours"), header, rows)


def _revenue(ctx: Context) -> Figure:
    months = _months(ctx.today)
    sums: Counter[tuple[date, str]] = Counter()
    flows = ctx.services.workflows.values()
    fulfilled = [(flow.name, state.name) for flow in flows for state in flow.states if state.fulfilled]
    for day, currency, minor in store.revenue(ctx.session, _since(ctx, months[0]), fulfilled):
        sums[day.replace(day=1), currency] += minor
    currencies = sorted({currency for _, currency in sums})
    rows: list[list[Any]] = [
        [f"{month:%Y-%m}", *(float(Money(sums[month, each], each).plain) for each in currencies)]
        for month in months
    ]
    about = _("Prices of the paid work completed in each month.")
    return Figure("revenue", _("Revenue per month"), about, _("money"), [_("Month"), *currencies], rows)


_RATED = storable(
    _("What customers say of the work, by the month in which they were asked. Number of ratings: %(num)s.")
)


def _ratings(ctx: Context) -> Figure:
    months = _months(ctx.today)
    zone = ctx.services.hours.zone
    began = datetime.combine(months[0], datetime.min.time(), zone).astimezone(UTC)
    said: Counter[tuple[date, str]] = Counter()
    for at, choice in ratings.since(ctx.session, began):
        month = ctx.services.hours.local(at).date().replace(day=1)
        said.update([(month, choice), (month, "asked")])
    columns = [*CHOICES, "asked"]
    rows: list[list[Any]] = [[f"{month:%Y-%m}", *(said[month, each] for each in columns)] for month in months]
    number = sum(said[month, choice] for month in months for choice in CHOICES)
    about = filled(_RATED, num=number)
    header: list[str] = [_("Month"), *CHOICES.values(), _("Asked")]
    return Figure("ratings", _("Ratings"), about, _("ratings"), header, _begun(rows))


def _documentation(ctx: Context) -> Figure:
    header = [_("Page"), _("Sent"), _("Helped"), _("Did not help")]
    about = _("Pages that customers were pointed to in the last 90 days, least helpful first.")
    return Figure("documentation", _("Documentation"), about, _("requests"), header, _topics(ctx, "page"))


def _questions(ctx: Context) -> Figure:
    header = [_("Question"), _("Asked"), _("Answered by a page"), _("Not answered")]
    about = _("The most frequent questions of the last 90 days.")
    return Figure(
        "questions", _("Frequent questions"), about, _("requests"), header, _topics(ctx, "question")
    )


def _topics(ctx: Context, kind: str) -> list[list[Any]]:
    rows = store.topics(ctx.session, kind, ctx.now - timedelta(days=DAYS))
    return [[row[0], *(int(number) for number in row[1:])] for row in rows]


_FIGURES: tuple[Callable[[Context], list[Figure]], ...] = (
    lambda ctx: [_flow(ctx), _age(ctx), _waits(ctx)],
    lambda ctx: _kept(ctx, "first-contact"),
    lambda ctx: _kept(ctx, "resolution"),
    lambda ctx: [
        _issues(ctx),
        _estimates(ctx),
        _documentation(ctx),
        _questions(ctx),
        _revenue(ctx),
        _ratings(ctx),
    ],
)


def _weeks(today: date) -> list[date]:
    """The Mondays of the last weeks, this one's last."""
    this = _week_of(today)
    return [this - timedelta(weeks=back) for back in reversed(range(WEEKS))]


def _months(today: date) -> list[date]:
    """The first days of the last months, this one's last."""
    first = today.replace(day=1)
    found = [first]
    while len(found) < MONTHS:
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(first)
    return found[::-1]


def _week_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _by_week(days: Mapping[date, int]) -> Counter[date]:
    weeks: Counter[date] = Counter()
    for day, number in days.items():
        weeks[_week_of(day)] += number
    return weeks


def _begun(rows: list[list[Any]]) -> list[list[Any]]:
    """The rows from the first one on in which there is anything, but always some."""
    first = next((place for place, row in enumerate(rows) if any(row[1:])), len(rows))
    return rows[min(first, len(rows) - _FEWEST) :]


def _named(week: date) -> str:
    year, number, _ = week.isocalendar()
    return f"{year}-W{number:02}"


def _since(ctx: Context, day: date) -> store.Days:
    """The days of the desk's time zone from `day` on."""
    zone = ctx.services.hours.zone
    began = datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)
    shifts, at = [(began, _shift(began, zone))], began
    while at < ctx.now:
        # Clocks are put forward or back at most once a day: only in such a day every hour is looked at.
        turned = _shift(at + timedelta(days=1), zone) != shifts[-1][1]
        for hour in range(1, 25) if turned else ():
            shift = _shift(at + timedelta(hours=hour), zone)
            if shift != shifts[-1][1]:
                shifts.append((at + timedelta(hours=hour), shift))
        at += timedelta(days=1)
    return store.Days(tuple(shifts))


def _shift(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def spread(rows: Iterable[list[Any]]) -> bool:
    """Whether anything in `rows` is more than nothing."""
    return any(number for row in rows for number in row[1:])
