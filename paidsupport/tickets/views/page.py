"""Renders the page of a ticket; a refused form is shown in its place on the page."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any

from flask import url_for
from markupsafe import Markup

from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.mount import current
from paidsupport.kernel.web import kept
from paidsupport.kernel.web.forms import Form, Sealed, focus, own, renew, stand_here
from paidsupport.kernel.web.htmx import draw_sections, show
from paidsupport.kernel.web.records import left_over
from paidsupport.tickets.forms import AnnotationForm, SubjectForm
from paidsupport.tickets.presence.queries import stamp
from paidsupport.tickets.queries import pages
from paidsupport.tickets.queries.pages import DeskPage
from paidsupport.tickets.views.ticket_view import view_of

_LEFT_OVER = _("You wrote this. Copy it, or save it as an annotation for your colleagues.")


def reread(ctx: Context, code: str) -> DeskPage:
    """Read a ticket from the database again, without the changes of a refused operation.

    Raises NotFoundError.
    """
    ctx.session.expire_all()
    return pages.for_desk(ctx, code, partial(_lasting, ctx))


def _lasting(ctx: Context, key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever is made
    """Cache what is the same for all staff for a minute: names change without an event that would tell."""
    return current().drawn.get((key, int(ctx.now.timestamp() // 60)), make)


def ticket_page(ctx: Context, code: str, form: Form | None = None) -> str:
    """Render the page of a ticket, with the `form` that was refused on it, if any.

    Its section is unfolded, and the first field with an error gets the focus. If the form is no longer on the
    page, because the ticket has another owner, its text is put into the box for annotations.
    """
    page = reread(ctx, code)
    view = view_of(ctx, page)
    stand_here()
    if form:
        renew(form, {})
        focus(form)
        kept.shown_at(url_for("paidsupport.ticket", code=code))
    shared: dict[str, Any] = {
        "page": page,
        "ticket": page.ticket,
        "flow": view.flow,
        "step": view.step,
        "settings": ctx.services.settings,
        "plain": Sealed,
        "renaming": own(form, SubjectForm),
        "here": Sealed(until=page.unread[-1].id if page.unread else ""),
        "seen": stamp(page.ticket.event_count),
        "press": partial(Sealed, version=page.ticket.version),
    }

    def draw(refused: Form | None) -> Mapping[str, Markup]:
        return draw_sections("ticket", lambda each: each.load(ctx, view, refused), shared)

    sections = draw(form)
    left = left_over(form, sections) if form and not isinstance(form, SubjectForm) else ""
    if left:
        sections = draw(_note(left))
    focused = form is not None and any(" autofocus" in column for column in sections.values())
    return show("tickets/ticket.html", sections=sections, form=form, left=left, focused=focused, **shared)


def _note(text: str) -> AnnotationForm:
    form = AnnotationForm(formdata=None, data={"body": text})
    form.body.description, form.left_over = _LEFT_OVER, True
    form.body.render_kw = {"autofocus": True}
    return form
