"""Forms that cannot be taken as they are sent: from another person's page, or after their session has ended.

Nothing is done with them. What was typed becomes a draft of the person whose page it was, who finds it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import escape
from werkzeug import Response as AnyResponse
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException

from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import AnotherPersonError, SignedOutError, UnsentError
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.mount import Mount
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.unsent import drafts
from paidsupport.kernel.unsent.drafts import Typed
from paidsupport.kernel.web import csrf
from paidsupport.kernel.web import flashes as notices
from paidsupport.kernel.web.forms import TYPED, Form, is_key
from paidsupport.kernel.web.htmx import show
from paidsupport.kernel.web.kept import SECRET, navigates

#: The field in which a form says which draft it was filled from.
SHOWN = "draft"


def is_of_another(ctx: Context) -> bool:
    """Whether the form of this request stood on a page that was drawn for another person."""
    return ctx.by.is_person and csrf.drawn_for() not in {None, ctx.by.id}


def put_by(ctx: Context) -> AnyResponse:
    """Keep another person's form for them, say so, and show nothing of it to whoever is signed in."""
    before = ctx.session.get(Person, csrf.drawn_for())
    if before:
        save(ctx, before.id, offered=_is_draft() or _holds_words())
    error = AnotherPersonError(before.name if before else "", ctx.by.name)
    if not navigates():
        return make_response(show("error.html", title=error.title, error=error), error.status)
    notices.flash(str(error), "ps-warn")
    return redirect(page_of_form(), 303)


def instead_of_sign_in(mount: Mount, nobody: Actor) -> AnyResponse:
    """Where a form leads whose sender is not signed in any more: to a page that they can be sent back to.

    Whatever signs people in returns them to an address by GET: this is one, and has kept the form.
    """
    key, offered = None, _is_draft() or _holds_words()
    if (person_id := csrf.drawn_for()) is not None:
        with mount.database.writing() as session:
            person = session.get(Person, person_id)
            ctx = Context(mount.services, session, nobody, mount.clock())
            key = save(ctx, person_id, offered=offered, ended=True) if person and person.active else None
    return redirect(url_for("paidsupport.unsent_form", token=key) if key else page_of_form(), 303)


def save(ctx: Context, person_id: int, *, offered: bool = True, ended: bool = False) -> str | None:
    """Save the form of this request as a draft of a person; returns its key, or None if it was not saved.

    Args:
        ctx: The context.
        person_id: Whose draft it is.
        offered: Whether the page of the form offers it.
        ended: Whether the session had ended.
    """
    path, query = _destination()
    endpoint, parts = _matched(path, "POST")
    if not endpoint.startswith("paidsupport."):
        return None
    sent, hidden = request.form.get("key", ""), {csrf.field_name(), SHOWN, *SECRET}
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in hidden]
    typed = Typed(path, query, fields, str(parts.get("code", "")), offered=offered, ended=ended)
    key = sent if is_key(sent) else new_key()
    return key if drafts.save(ctx, person_id, key, typed, shown=request.form.get(SHOWN, "")) else None


def finish(ctx: Context, answer: object) -> None:
    """Forget the draft of a form that was taken: its answer leads on."""
    saved = SHOWN in request.form
    if (saved or g.get("paidsupport_has_drafts")) and getattr(answer, "location", None) and not _is_draft():
        key, shown = request.form.get("key", ""), request.form.get(SHOWN, "")
        drafts.finish(ctx, key, shown) if saved and is_key(key) else drafts.discard(ctx, key)


def shown_again(ctx: Context, view: Callable[..., ResponseReturnValue], parts: dict[str, Any]) -> Response:
    """The page of a form that is objected to: nothing is done or lost, and the reason stands there."""
    reason = csrf.objection()
    answer = make_response(view(ctx, **parts))
    ctx.session.rollback()
    if not _shows_all(answer, reason):
        notices.take()  # what the view wanted to tell of has not happened
        answer = make_response(_plain_page(reason))
    return answer


def redrawn(typed: Typed) -> ResponseReturnValue:
    """The page of a form, filled as in a draft: as if it had just been sent, but without doing anything."""
    endpoint, parts = _matched(typed.path, "POST")
    g.paidsupport_objection = SignedOutError() if typed.ended else UnsentError()
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


def page_of_form(path: str = "") -> str:
    """The nearest page above the address of a form; by default of the one that was sent."""
    path = path or _destination()[0]
    while path.strip("/"):
        endpoint, _ = _matched(path, "GET")
        view = current_app.view_functions.get(endpoint)
        if endpoint.startswith("paidsupport.") and not getattr(view, "paidsupport_sent_only", False):
            return request.script_root + path
        path = path.rstrip("/").rpartition("/")[0]
    return url_for("paidsupport.queue")


def _destination() -> tuple[str, str]:
    """Where the form of this request leads, and what is asked there: also if it is only saved."""
    if not _is_draft():
        return request.path, request.query_string.decode(errors="replace")
    try:
        of = urlsplit(request.args.get("of", ""))
    except ValueError:
        return "", ""
    return of.path.removeprefix(request.script_root), of.query


def _is_draft() -> bool:
    return request.endpoint == "paidsupport.save_draft"


def _holds_words() -> bool:
    """Whether a person has typed something: only people write blanks."""
    return any(value.split()[1:] for value in request.form.values())


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
    texts = [translate(reason), *(text.replace("\r", "") for _, text, _ in _typed())]
    return all(escape(text) in page for text in texts)


def _typed() -> list[tuple[str, str, str]]:
    """Name, text and label of each field that was filled in."""
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
        if not _is_typed(name, value) and name not in {csrf.field_name(), "key", SHOWN}
    ]


def _is_typed(name: str, value: str) -> bool:
    """Whether a text was typed: only people write blanks, and single words into fields for text."""
    known = g.get("paidsupport_form", {})
    return bool(value.split()[1:]) or (value != "" and name in known and known[name].type in TYPED)
