"""Answers to forms by redirect: Back and reload never ask to send a form again.

A view may answer a form with a page: its errors, a preview, what stands against it. At the edge such a page
is kept on the server and the browser is sent to it by GET: at the same address, or at that of the page which
the form stands on. What is kept is the page as it was drawn, so showing it again runs no view and does
nothing. Its token is the key that it is sealed under.

Programs that do not ask for HTML get the answer as it is, with its status; so does htmx, which navigates
nowhere.
"""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from flask import Response, current_app, g, redirect, request
from markupsafe import Markup, escape
from sqlalchemy.exc import SQLAlchemyError
from werkzeug import Response as AnyResponse

from paidsupport.kernel import limits
from paidsupport.kernel.actors import ANONYMOUS
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError, TooManyError
from paidsupport.kernel.mount import Mount, current
from paidsupport.kernel.unsent import operations as unsent
from paidsupport.kernel.web import csrf
from paidsupport.kernel.web.layout import Drawn, framed, page_context

#: What an address is asked with that shows a page again.
KEPT = "kept"
#: Fields that are never kept, whatever form they are on.
SECRET = frozenset({"secret", "password", "passphrase", "webhook_secret"})
#: What one address may have kept within an hour, and the bytes of each, packed.
_PER_HOUR = 60
_LARGEST = 100_000
#: Answers that say something about what was sent.
_ABOUT_FORMS = frozenset(
    {
        *(HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
        *(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INSUFFICIENT_STORAGE),
    }
)


def show_once() -> None:
    """Let the answer to this form be shown now and never again: it holds what must not be kept."""
    g.paidsupport_once = True


def by_redirect(response: Response) -> AnyResponse:
    """Instead of a page that answers a form, the way to the same page by GET."""
    drawn: Drawn | None = g.get("paidsupport_drawn")
    if drawn is None or not _is_page(response):
        return response
    token = _keep(current(), drawn)
    return redirect(_address(token), 303) if token else response


def shown_again(ctx: Context, token: str) -> str | None:
    """The page that was kept under `token`, for whoever may see it; None if there is none any more.

    A visitor's is shown to whoever comes from a page of this site: its one-time key is known to whoever made
    it, so it must not come to others by a link.
    """
    if not (ctx.by.is_person or csrf.is_opened_from_here()):
        return None
    try:
        title, content, page_token, nonce = unsent.find(ctx, token)
    except NotFoundError:
        return None
    ours = page_context()
    for before, now in ((page_token, csrf.page_token()), (nonce, ours.nonce)):
        if before:
            content = content.replace(f'"{before}"', f'"{escape(now)}"')
    # Jinja escaped both when they were drawn
    return framed(ours, Markup(title), Markup(content))  # noqa: S704


def shown_at(url: str | None) -> None:
    """Let the answer to a form be shown at the address of the page that it stands on; None: at its own."""
    g.paidsupport_place = url


def is_elsewhere() -> bool:
    """Whether the page that answers a form is shown at another address than the form's."""
    return g.get("paidsupport_place") is not None


def page_itself() -> str:
    """The present address without the token of what was kept."""
    query = _query_without_token()
    return request.script_root + request.path + (f"?{query}" if query else "")


def navigates() -> bool:
    """Whether a browser wants a page to show: scripts and programs take anything, htmx a part of one."""
    return "text/html" in request.headers.get("Accept", "") and "HX-Request" not in request.headers


def _is_page(response: Response) -> bool:
    return (
        request.method == "POST"
        and response.status_code in _ABOUT_FORMS
        and response.mimetype == "text/html"
        and not (response.is_streamed or g.get("paidsupport_once"))
        and navigates()
    )


def _keep(mount: Mount, drawn: Drawn) -> str | None:
    person, page_token = g.get("paidsupport_person"), g.get("paidsupport_page_token")
    page = [drawn.title, _without_secrets(drawn.content), page_token[1] if page_token else "", drawn.nonce]
    try:
        with mount.database.writing() as session:
            ctx = Context(mount.services, session, person or ANONYMOUS, mount.clock())
            if person:
                return unsent.keep(ctx, person.id, page)
            limits.spend(ctx, "kept", request.remote_addr or "", _PER_HOUR)
            return unsent.keep(ctx, None, page, _LARGEST)
    except (TooManyError, SQLAlchemyError) as error:
        # then the page itself is the answer, as good as any
        current_app.logger.warning("paidsupport: a page was not kept: %s", type(error).__name__)
        return None


def _without_secrets(content: str) -> str:
    """A page without what was typed into fields for secrets."""
    for name in SECRET & set(request.form):
        for typed in filter(None, request.form.getlist(name)):
            for shown in (str(escape(typed)), str(escape(typed.replace("\r\n", "\n")))):
                content = content.replace(f'value="{shown}"', 'value=""')
                for begin in ("", "\n", "\r\n"):
                    content = content.replace(f">{begin}{shown}</textarea>", "></textarea>")
    return content


def _address(token: str) -> str:
    if place := g.get("paidsupport_place"):
        return f"{place}?{KEPT}={token}"
    query = _query_without_token()
    return f"{request.script_root}{request.path}?{query}{'&' if query else ''}{KEPT}={token}"


def _query_without_token() -> str:
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != KEPT]
    return urlencode(asked)
