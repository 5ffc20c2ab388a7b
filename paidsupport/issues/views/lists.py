"""The list of issues: by state, with filters in the address and a search by words (T10, T14)."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.issues.queries import analysis as issue_analysis
from paidsupport.issues.queries import lists as issue_lists
from paidsupport.issues.queries.lists import SORTS, Wanted, key_of, spelled
from paidsupport.issues.rules.kinds import KINDS
from paidsupport.issues.tables import OVER
from paidsupport.issues.views.lines import COLUMNS, OVER_COLUMNS, of_rows
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.codes import ISSUE_PREFIX, tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.staff import queries as people
from paidsupport.kernel.text import whole_number
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import filtered, gone_to, show
from paidsupport.kernel.web.lists import headings
from paidsupport.kernel.words import words

#: The names of the filters in addresses.
_NARROWING = ("q", "kind", "owner", "release", "tag", "sort")
_STATES = ("open", "all", *(state.name for state in ISSUE.states))


@route("/desk/issues", Who.STAFF)
def issues(ctx: Context) -> ResponseReturnValue:
    """Show the issues that this person may see: open ones by priority and deadline, or as filtered."""
    typed = request.args.get("q", "")
    if code := tidy_code(typed, ISSUE_PREFIX):
        return gone_to(url_for(".issue", code=code))
    wanted = _read()
    page = issue_lists.page(ctx.session, ctx.by, wanted)
    lines, counts = of_rows(ctx, page.rows), issue_lists.counts(ctx.session, ctx.by)
    html = show(
        "issues/list.html",
        block="issues",
        wanted=wanted,
        filtered=any(request.args.get(name) for name in _NARROWING),
        lines=lines,
        columns=headings(OVER_COLUMNS if wanted.state in OVER else COLUMNS, lines),
        typed=typed,
        overdue=issue_analysis.overdue(ctx.session, ctx.by, ctx.now),
        counts=counts,
        open=sum(number for state, number in counts.items() if state not in OVER),
        states=ISSUE.states,
        kinds=KINDS,
        people=[(person.id, person.name) for person in people.everybody(ctx.session)],
        next_url=_url(after=spelled(page.following)) if page.following else None,
    )
    return filtered(html, _url())


def _read() -> Wanted:
    args = request.args
    state, sort, kind = args.get("state", "open"), args.get("sort", ""), args.get("kind", "")
    looked_for = words(args.get("q", ""))
    if looked_for and "state" not in args:
        state = "all"
    sort = sort or ("changed" if state in {"all", *OVER} else "priority")
    if state not in _STATES or sort not in SORTS or kind not in {"", *KINDS}:
        raise NotFoundError
    return Wanted(
        state=state,
        kind=kind,
        owner=existing(whole_number(args["owner"])) if args.get("owner") else None,
        tag=args.get("tag", "").strip(),
        release=args.get("release", "").strip(),
        words=looked_for,
        sort=sort,
        after=key_of(args.get("after", ""), sort),
    )


def _url(**changed: str) -> str:
    """The present address with some of its parameters changed."""
    given: dict[str, Any] = {**request.args, **changed}
    return url_for(".issues", **{name: value for name, value in given.items() if value})
