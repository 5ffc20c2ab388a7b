"""Triage: the oldest request, and a key for each decision (T2)."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from paidsupport.intake.triage import operations as verbs
from paidsupport.intake.triage.forms import TriageForm
from paidsupport.intake.triage.queries import Request, upcoming
from paidsupport.kernel.codes import tidy_code
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.web.flashes import flash
from paidsupport.kernel.web.forms import VersionedForm, renew
from paidsupport.kernel.web.guards import Who, route
from paidsupport.kernel.web.htmx import show
from paidsupport.tickets.queue.address import cursor, spelled
from paidsupport.tickets.tables import Ticket
from paidsupport.tickets.views.routes import ticket_route

#: The confirmation of each decision; for spam the page itself confirms it, with an undo button.
_SAID = {
    "bug": _("%(code)s is a bug, and yours. Tell the customer now, and again when it's fixed."),
    "commercial": _("%(code)s is a lead now, waiting for a colleague in sales."),
    "take": _("%(code)s claimed."),
}


@route("/desk/triage", Who.STAFF)
def triage(ctx: Context) -> ResponseReturnValue:
    """Show the oldest request, or the first one after those that were skipped."""
    return _page(ctx, upcoming(ctx.session, _skipped()), TriageForm(formdata=None))


@ticket_route("/triage", ("POST",))
def sort_request(ctx: Context, code: str) -> ResponseReturnValue:
    """Decide what a request is; the next one is shown, also to a person who was too late."""
    form = TriageForm()
    made = form.send(ctx, lambda: _decide(ctx, code, form))
    decision = form.decision.data or ""
    if made and decision == "spam":
        return to_triage(spam=code, version=made.version)
    if made:
        flash(translate(_SAID[decision]) % {"code": code}, "ps-ok")
        return to_triage()
    if form.conflict:
        flash(_("%(conflict)s This is the next request.", conflict=form.conflict), "ps-warn")
        return to_triage()
    ctx.session.expire_all()
    return _page(ctx, upcoming(ctx.session, code=code), form), form.status


@ticket_route("/triage/undo", ("POST",))
def undo_spam(ctx: Context, code: str) -> ResponseReturnValue:
    """Undo the decision that it is spam; its place among the waiting requests is as before."""
    form = VersionedForm()
    version, key = form.version.data or 0, form.key.data or ""
    made = form.send(ctx, lambda: verbs.undo_spam(ctx, code, version=version, key=key))
    if made or form.conflict:
        flash(
            _("%(code)s is back in triage.", code=code) if made else str(form.conflict),
            "ps-ok" if made else "ps-warn",
        )
        return to_triage()
    return _page(ctx, upcoming(ctx.session), TriageForm(formdata=None), form), form.status


def to_triage(**more: object) -> Response:
    """After a decision: the next request, behind what was skipped."""
    values: dict[str, Any] = {"after": request.args.get("after") or None, **more}
    return redirect(url_for("paidsupport.triage", **values), 303)


def _decide(ctx: Context, code: str, form: TriageForm) -> Ticket:
    return verbs.decide(
        ctx,
        code,
        form.decision.data or "",
        version=form.version.data or 0,
        key=form.key.data or "",
        note=form.note.data or "",
    )


def _skipped() -> Any:  # noqa: ANN401  # the key of a row
    return cursor(request.args.get("after", ""), "submitted")


def _page(ctx: Context, found: Request | None, form: TriageForm, refused: VersionedForm | None = None) -> str:
    """The page, with the numbers that it shows now; the line about spam is that of the request before."""
    if found:
        renew(form, {"version": found.ticket.version})
    marked = tidy_code(request.args.get("spam", "")) if request.method == "GET" else None
    return show(
        "intake/triage/triage.html",
        found=found,
        form=form,
        refused=refused or form,
        flows=ctx.services.workflows,
        after=spelled((found.ticket.submitted_at, found.ticket.id)) if found else None,
        skipped=request.args.get("after") or None,
        marked=marked,
        undo=VersionedForm(formdata=None, version=request.args.get("version", 0, type=int)),
    )
