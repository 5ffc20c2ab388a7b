"""The pages about one record: they lie below its address, whatever spelling of its code leads there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError
from paidsupport.kernel.web.forms import Form, renew
from paidsupport.kernel.web.guards import View, Who, route

F = TypeVar("F", bound=Form)


def form_on(page: Form | None, kind: type[F], **values: int) -> F:
    """The form of this kind that was refused on a page, if it was, or a blank one.

    It carries `values`, as the page shows them now.
    """
    form = page if isinstance(page, kind) else kind(formdata=None)
    renew(form, values)
    return form


def pages_of(
    address: str, tidy: Callable[[str], str | None], see: Callable[[Context, str], object] | None = None
) -> Callable[..., Callable[[View], View]]:
    """What adds a page for staff below the address of a record, given the rest of its rule and its methods.

    Args:
        address: Below which the codes of such records stand.
        tidy: The usual spelling of a code; None if it is none.
        see: Raises NotFoundError for a record that the person may not see: then nothing is there.
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
                return view(ctx, code, **parts)

            return route(f"{address}/<code>{rule}", Who.STAFF, methods)(tidied)

        return add

    return page
