"""Who may use a page: every route says it, and nothing is open by default.

`route` is the only way pages come into being. It opens the session, has those refused who may not (by
`Mount.admit`), commits what a POST did, and rolls back what raised: views do none of that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial, wraps
from typing import Any

from flask import Response, abort, current_app, g, redirect, request
from flask.typing import ResponseReturnValue

from paidsupport.kernel.actors import ANONYMOUS
from paidsupport.kernel.context import Compared, Context
from paidsupport.kernel.errors import NotFreshError
from paidsupport.kernel.mount import Mount, Visitor, current
from paidsupport.kernel.routes import Route, declare
from paidsupport.kernel.unsent import drafts
from paidsupport.kernel.web import kept, unsent
from paidsupport.kernel.web.csrf import objection
from paidsupport.kernel.web.identity import flask_login_fresh, flask_login_page

View = Callable[..., ResponseReturnValue]
#: Answers before the person is looked up, if it can.
First = Callable[[Mount], Response | None]


def nothing(_mount: Mount) -> Response | None:
    """No answer yet."""
    return None


class Who(StrEnum):
    """Who may use a route."""

    ANYONE = "anyone"
    #: A visitor with the private link: the view gets its `ticket`.
    CUSTOMER = "customer"
    #: A user of the host who is signed in there, whether they work at the desk or not.
    USER = "user"
    #: All staff.
    STAFF = "staff"
    #: Staff who are managers; other staff are told so.
    MANAGER = "manager"
    #: All staff, at the queue: the view gets its `revision` too. An open queue that asks for news has a pass.
    WATCHER = "watcher"
    #: Every visitor of a demo; on other sites, none.
    DEMONSTRATION = "demonstration"


#: Pages whose visitors must be signed in at the host.
_SIGNED_IN = frozenset({Who.USER, Who.STAFF, Who.MANAGER, Who.WATCHER})


def route(
    rule: str, who: Who, methods: Sequence[str] = ("GET",), first: First = nothing
) -> Callable[[View], View]:
    """Declare a page at `rule` for `who`. A POST gets a writing session, everything else a reading one.

    The view is called with a `Context` and the parts of the address; routes for customers get the `ticket`
    in place of its `token` (that on which things go on, if it was merged), routes for watchers the
    `revision`. Where forms alone are taken, GET leads to the page above, and what a form was answered with
    is shown at its own address: so no sign-in leads to “method not allowed”.

    Args:
        rule: Its address, below where the desk is mounted.
        who: Who may use it.
        methods: How it may be asked for.
        first: Answers without knowing the person, where that can be done without any of this.
    """
    sent_only = "GET" not in methods

    def add(view: View) -> View:
        @wraps(view)
        def guarded(**parts: Any) -> ResponseReturnValue:  # noqa: ANN401  # parts of an address
            if any("\0" in str(part) for part in (*parts.values(), *request.args.values())):
                abort(404)  # PostgreSQL would stumble over it, and nothing of ours has such a name
            mount = current()
            if (early := first(mount)) is not None:
                return early
            database = mount.database
            sent = request.method == "POST"
            if sent:
                _ = request.form  # read whole before a transaction begins: a slow sender must hold no lock

            if sent and who in _SIGNED_IN and hasattr(current_app, "login_manager") and visitor() is None:
                return unsent.instead_of_sign_in(mount, ANONYMOUS)

            opened = database.writing if sent else database.reading
            if objection():
                opened = database.snapshot  # what only shows a form again cannot write

            def run(compared: Compared) -> ResponseReturnValue:
                named = dict(parts)
                with opened() as session:
                    ctx = Context(mount.services, session, ANONYMOUS, mount.clock(), compared)
                    return _answer(mount.admit(ctx, who, named), view, named, sent_only=sent_only)

            answer: ResponseReturnValue = mount.outside(run, _typed() if sent else ())
            return answer

        guarded.paidsupport_who = who  # type: ignore[attr-defined]  # read by the test that walks the map
        guarded.paidsupport_sent_only = sent_only  # type: ignore[attr-defined]  # there is no page to go to
        declare(view, Route(rule, view.__name__, guarded, ("GET", *methods) if sent_only else methods))
        return view

    return add


def _answer(ctx: Context, view: View, parts: dict[str, Any], *, sent_only: bool) -> ResponseReturnValue:
    """The answer to a person who may use a page."""
    if objection():
        return unsent.shown_again(ctx, view, parts)
    if request.method == "POST":
        return _taken(ctx, view, parts)
    if sent_only or kept.KEPT in request.args:
        return _without_sending(ctx, sent_only=sent_only)
    if g.get("paidsupport_has_drafts"):
        g.paidsupport_drafts = partial(drafts.on_page, ctx, request.path, str(parts.get("code", "")))
    return view(ctx, **parts)


def _taken(ctx: Context, view: View, parts: dict[str, Any]) -> ResponseReturnValue:
    """What a view answers to a form, unless it stood on another person's page."""
    if unsent.is_of_another(ctx):
        return unsent.put_by(ctx)
    answer = view(ctx, **parts)
    if ctx.by.is_person:
        unsent.finish(ctx, answer)
    return answer


def _without_sending(ctx: Context, *, sent_only: bool) -> ResponseReturnValue:
    """What was kept of the answer to a form; else the page itself, or the one above it."""
    page = kept.shown_again(ctx, request.args.get(kept.KEPT, ""))
    return page or redirect(unsent.page_of_form() if sent_only else kept.page_itself(), 303)


def _typed() -> list[str]:
    """All texts that came with a form, and the names of its files."""
    names = [file.filename or "" for file in request.files.values()]
    return [*(value for _, value in request.form.items(multi=True)), *names]


def visitor() -> Visitor | None:
    """Who the host says is signed in; asked once a request."""
    if "paidsupport_visitor" not in g:
        g.paidsupport_visitor = current().visitor()
    found: Visitor | None = g.paidsupport_visitor
    return found


def private_token() -> str:
    """The token of the private page that was asked for: a link of ours there leads to no other one's page."""
    return str(g.paidsupport_token)


def require_fresh() -> None:
    """Refuse people who have not proved lately who they are, as the host tells it.

    Raises:
        NotFreshError: They have to sign in anew.
        NoFreshnessError: The host has no way to tell.
    """
    is_fresh = current().fresh or flask_login_fresh
    if not is_fresh():
        raise NotFreshError(flask_login_page(request.script_root + request.path))
