"""The pages about one record: they lie below its address, whatever spelling of its code leads there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial, wraps
from typing import Any, TypeVar

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.web import kept
from paidsupport.kernel.web.forms import Form, renew, stood_here
from paidsupport.kernel.web.guards import View, Who, route

F = TypeVar("F", bound=Form)


def form_on(page: Form | None, kind: type[F], **values: int) -> F:
    """The form of this kind that was refused on a page, if it was, or a blank one.

    It carries `values`, as the page shows them now.
    """
    form = page if isinstance(page, kind) else kind(formdata=None)
    renew(form, values)
    return form


def in_place(
    ctx: Context, code: str, again: Callable[[Context, str, Form], str] | None, view: View
) -> ResponseReturnValue:
    """What a view answers; a form that stood on the page of its record comes back there if it is refused.

    Every form that is drawn on that page says so, and a form that was refused is known: a view does nothing
    for it, and its own page is for those who came to it.

    Args:
        ctx: Who asks.
        code: The record.
        again: The page of the record with a form that was refused on it, if it shows such forms.
        view: Answers.
    """
    for name in ("paidsupport_refused", "paidsupport_here"):
        g.pop(name, None)
    kept.shown_at(None)
    answer = view()
    refused: Form | None = g.get("paidsupport_refused")
    if again is None or refused is None or getattr(answer, "location", None):
        return answer
    return answer if kept.is_elsewhere() or not stood_here() else (again(ctx, code, refused), refused.status)


def left_over(form: Form, sections: Mapping[str, Markup]) -> str:
    """What was typed into a refused form that has no place in these sections any more."""
    typed = [text.replace("\r", "") for text in form.texts() if text.strip()]
    shown = "".join(sections.values()).replace("\r", "")
    return "\n\n".join(typed) if any(escape(text) not in shown for text in typed) else ""


def pages_of(
    address: str,
    tidy: Callable[[str], str | None],
    see: Callable[[Context, str], object] | None = None,
    again: Callable[[Context, str, Form], str] | None = None,
) -> Callable[..., Callable[[View], View]]:
    """What adds a page for staff below the address of a record, given the rest of its rule and its methods.

    Args:
        address: Below which the codes of such records stand.
        tidy: The usual spelling of a code; None if it is none.
        see: Raises NotFoundError for a record that the person may not see: then nothing is there.
        again: The page of a record with a form that was refused on it; None if each view shows that itself.
    """

    def page(rule: str = "", methods: Sequence[str] = ("GET",)) -> Callable[[View], View]:
        def add(view: View) -> View:
            @wraps(view)
            def tidied(ctx: Context, code: str, **parts: str) -> ResponseReturnValue:
                known = tidy(code)
                # what no page of ours links to is not asked of a database, which may not even take it
                if known is None or not "".join(parts.values()).isprintable():
                    raise NotFoundError
                if see:
                    see(ctx, known)
                if known != code:
                    values: dict[str, Any] = {**parts, "code": known}
                    return redirect(url_for(request.endpoint or "", **values), 308)
                return in_place(ctx, code, again, partial(view, ctx, code, **parts))

            return route(f"{address}/<code>{rule}", Who.STAFF, methods)(tidied)

        return add

    return page
