"""Forms that are not what their sender means: from another person's page, or from a session that ended.

Nothing is done with them. The view shows its page as after any other conflict, with what was typed; a view
that would show less gives way to a page that shows every field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import escape
from werkzeug import Response as AnyResponse
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import AnotherPersonError, SignedOutError
from paidsupport.kernel.mount import Mount
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.unsent import operations as unsent
from paidsupport.kernel.web import csrf
from paidsupport.kernel.web import flashes as notices
from paidsupport.kernel.web.forms import Form
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.kept import SECRET


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent: where to, and its fields in their order."""

    path: str
    query: str
    fields: list[tuple[str, str]]


#: The types of fields that people type into.
_TEXTS = frozenset({"StringField", "TextAreaField"})


def examine(ctx: Context) -> None:
    """Object to a form that was drawn for somebody else than who sends it."""
    if not ctx.by.is_person:
        return
    drawn_for = csrf.drawn_for()
    if drawn_for not in {None, ctx.by.id}:
        before = ctx.session.get(Person, drawn_for)
        g.paidsupport_objection = AnotherPersonError(before.name if before else "somebody else", ctx.by.name)


def shown_again(ctx: Context, view: Callable[..., ResponseReturnValue], parts: dict[str, Any]) -> Response:
    """The page of a form that is objected to: nothing is done or lost, and the reason stands there."""
    reason = csrf.objection()
    answer = make_response(view(ctx, **parts))
    ctx.session.rollback()
    if not _shows_all(answer, reason):
        notices.take()  # what the view wanted to tell of has not happened
        answer = make_response(_plain_page(reason))
    answer.status_code = HTTPStatus.CONFLICT
    return answer


def instead_of_sign_in(mount: Mount, nobody: Actor) -> AnyResponse:
    """Where a form leads whose sender is not signed in any more: to a page that they can be sent back to.

    Whatever signs people in returns them to an address by GET: this is one, and has kept the form.
    """
    return redirect(_kept(mount, nobody) or page_of_form(), 303)


def redrawn(typed: Typed) -> ResponseReturnValue:
    """The page of a form that was kept, as if it had just been sent, but without doing anything."""
    endpoint, parts = _matched(typed.path, "POST")
    g.paidsupport_objection = SignedOutError()
    with _as_sent(typed, parts):
        answer = make_response(current_app.ensure_sync(current_app.view_functions[endpoint])(**parts))
    answer.status_code = HTTPStatus.OK
    return answer


@contextmanager
def _as_sent(typed: Typed, parts: dict[str, Any]) -> Iterator[None]:
    """Let the present request look like the one that sent the form; its session stays the present one."""
    real: Any = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    before = dict(real.__dict__)
    real.__dict__.pop("args", None)
    real.method, real.path, real.query_string = "POST", typed.path, typed.query.encode()
    real.view_args = parts
    real.form, real.files = ImmutableMultiDict(typed.fields), ImmutableMultiDict()
    try:
        yield
    finally:
        real.__dict__.clear()
        real.__dict__.update(before)


def _kept(mount: Mount, nobody: Actor) -> str | None:
    person_id = csrf.drawn_for()
    if person_id is None:
        return None
    hidden = {csrf.field_name(), *SECRET}
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in hidden]
    typed = Typed(request.path, request.query_string.decode(errors="replace"), fields)
    with mount.database.writing() as session:
        person = session.get(Person, person_id)
        if person is None or not person.active:
            return None
        ctx = Context(mount.services, session, nobody, mount.clock())
        token = unsent.keep(ctx, person_id, [typed.path, typed.query, typed.fields])
    return url_for("paidsupport.unsent_form", token=token) if token else None


def page_of_form() -> str:
    """The nearest page above the address of a form."""
    path = request.path
    while path.strip("/"):
        endpoint, _ = _matched(path, "GET")
        view = current_app.view_functions.get(endpoint)
        if endpoint.startswith("paidsupport.") and not getattr(view, "paidsupport_sent_only", False):
            return request.script_root + path
        path = path.rstrip("/").rpartition("/")[0]
    return url_for("paidsupport.queue")


def _matched(path: str, method: str) -> tuple[str, dict[str, Any]]:
    adapter = current_app.create_url_adapter(request)
    try:
        found = adapter.match(path, method=method) if adapter else ("", {})
    except HTTPException:  # also the redirects of werkzeug
        return "", {}
    return str(found[0]), dict(found[1])


def _plain_page(reason: object) -> str:
    """Every field on a page of its own, to be sent to where it was sent."""
    address = request.script_root + request.full_path.rstrip("?")
    return show(
        "unsent.html", reason=reason, address=address, again=Form(), fields=_typed(), hidden=_hidden()
    )


def _shows_all(answer: AnyResponse, reason: object) -> bool:
    """Whether a page says why nothing was done, and holds every text that was typed."""
    if answer.is_streamed or answer.location:
        return False
    page = answer.get_data(as_text=True).replace("\r", "")
    texts = [str(reason), *(text.replace("\r", "") for _, text, _ in _typed())]
    return all(escape(text) in page for text in texts)


def _typed() -> list[tuple[str, str, str]]:
    """Name, text and label of each field that somebody typed into."""
    known = g.get("paidsupport_form", {})
    return [
        (name, value, known[name].label.text if name in known else name.replace("_", " ").capitalize())
        for name, value in request.form.items(multi=True)
        if _is_typed(name, value)
    ]


def _hidden() -> list[tuple[str, str]]:
    """All other fields, which travel unseen; the page has a token and a key beside them."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not _is_typed(name, value) and name not in {csrf.field_name(), "key"}
    ]


def _is_typed(name: str, value: str) -> bool:
    """Whether a text was typed: only people write blanks, and single words into fields for text."""
    known = g.get("paidsupport_form", {})
    return bool(value.split()[1:]) or (value != "" and name in known and known[name].type in _TEXTS)
