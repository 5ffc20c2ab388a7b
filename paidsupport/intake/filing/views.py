"""Making an issue of a request: personal data is struck through before it is filed (T3, T4)."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from paidsupport.intake.filing import operations as filing
from paidsupport.intake.filing.forms import FilingForm, KeepForm
from paidsupport.intake.filing.operations import Filing
from paidsupport.intake.triage.views import to_triage
from paidsupport.issues.operations import privacy
from paidsupport.issues.queries import lists as issue_lists
from paidsupport.issues.queries.followers import notes_on_tickets
from paidsupport.issues.queries.lists import Wanted
from paidsupport.issues.views.issue_view import IssueView
from paidsupport.issues.views.pages import issue_page
from paidsupport.issues.views.routes import issue_route, to_issue
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.codes import ISSUE_PREFIX, tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import Form, renew, set_data
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.records import form_on
from paidsupport.kernel.web.sections import section
from paidsupport.kernel.words import words
from paidsupport.tickets.views.page import reread
from paidsupport.tickets.views.routes import ticket_route, to_ticket

#: The most existing issues to offer in a search.
_MOST = 10


@ticket_route("/issue", ("GET", "POST"))
def file_issue(ctx: Context, code: str) -> ResponseReturnValue:
    """Show the form of a new issue, filled from the request, or a choice of existing ones; file it."""
    form = FilingForm()
    version, key = form.version.data or 0, form.key.data or ""
    looking = form.look.data
    made = None
    if not looking:
        made = form.send(ctx, lambda: filing.file(ctx, code, form.filing(), version=version, key=key))
    if made:
        flash(
            _(
                "%(code)s is waiting for %(issue)s. Tell the customer that we're investigating.",
                code=code,
                issue=made.code,
            ),
            "ps-ok",
        )
        return to_triage() if request.args.get("triage") else to_ticket(code)
    return _page(ctx, code, form)


@issue_route("/stays", ("POST",))
def issue_let_stay(ctx: Context, code: str) -> ResponseReturnValue:
    """Keep something that looks personal, for a reason."""
    form = KeepForm()
    typed, reason, key = form.typed.data or "", form.reason.data or "", form.key.data or ""
    if form.send(ctx, lambda: privacy.keep(ctx, code, typed, reason, key=key)):
        flash(_("You can use it in this issue now."), "ps-ok")
        return to_issue(code, "kept")
    return issue_page(ctx, code, form), form.status


@section("issue", "issues/_private_notes.html", 70)
def _private_notes_section(ctx: Context, view: IssueView, _refused: Form | None) -> dict[str, Any]:
    return {"private_notes": notes_on_tickets(ctx.session, view.issue, filing.ABOUT)}


@section("issue", "issues/_kept.html", 95)
def _kept_section(_ctx: Context, _view: IssueView, refused: Form | None) -> dict[str, Any]:
    return {"keep": form_on(refused, KeepForm)}


def _page(ctx: Context, code: str, form: FilingForm) -> ResponseReturnValue:
    """Render the form as it is now: sent again, it applies to the present version."""
    page = reread(ctx, code)
    chosen = request.args.getlist("message", type=int) if "message" in request.args else None
    if not form.is_submitted():
        _fill(form, filing.draft(ctx, page.ticket, chosen))
    renew(form, {"version": page.ticket.version})
    following = "follow" in request.args
    against = filing.against(ctx, page.ticket)
    status = 409 if against and form.status == 200 else form.status  # noqa: PLR2004 - the usual one
    return (
        show(
            "intake/filing/file.html",
            page=page,
            flow=ctx.services.workflows[page.ticket.workflow],
            form=form,
            against=against,
            following=following,
            found=_found(ctx) if following else (),
            issue_flow=ISSUE,
            said=filing.said(ctx, page.ticket),
            chosen=chosen,
            preview=filing.preview(ctx, page.ticket, form.filing()),
            kept=form.kept(),
        ),
        status,
    )


def _fill(form: FilingForm, draft: Filing) -> None:
    for name in ("summary", "details", "stage"):
        set_data(form[name], getattr(draft, name))
    set_data(form["kind"], draft.kind)
    set_data(form["issue"], request.args.get("issue", ""))


def _found(ctx: Context) -> Any:  # noqa: ANN401  # rows
    """Issues that this person may see and that fit the search; without words, the newest."""
    typed = request.args.get("q", "")
    looked_for = words(tidy_code(typed, ISSUE_PREFIX) or typed)
    wanted = Wanted(state="all", words=looked_for, sort="changed")
    return issue_lists.page(ctx.session, ctx.by, wanted).rows[:_MOST]


#: The sections it adds to the pages of issues.
SECTIONS = (_private_notes_section, _kept_section)
