"""Everything that speaks htmx: the names of its headers stand here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue
from jinja2_fragments import render_block
from markupsafe import Markup

from paidsupport.kernel.mount import current
from paidsupport.kernel.web.layout import draw, in_layout, page_context, within
from paidsupport.kernel.web.sections import Section, draw_all

if TYPE_CHECKING:
    from paidsupport.kernel.web.forms import Form

#: The header in which an open queue shows its pass.
PASS_HEADER = "X-Paidsupport-Pass"  # noqa: S105  # the name of a header
#: What htmx does with an answer of this status: nothing.
NOTHING_NEW = 204


def wants_fragment() -> bool:
    """Whether htmx asks for a part of a page (and not for the whole one because history was lost)."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def filtered(html: str, url: str) -> Response:
    """A list, or the part of it that its filters ask for: then its address becomes `url`.

    Of a form's address nothing is left out; `url` is the one without the filters that say nothing.
    """
    response = Response(html)
    if wants_fragment():
        response.headers["HX-Push-Url"] = url
    return response


def gone_to(url: str) -> ResponseReturnValue:
    """To another page, also for what asked for a part of this one."""
    return Response(headers={"HX-Redirect": url}) if wants_fragment() else redirect(url)


def show(template: str, /, block: str = "", **context: object) -> str:
    """A page of ours, or only its `block` when htmx asks for that."""
    page = current().templates.get_template(f"paidsupport/{template}")
    if block and wants_fragment():
        known = within(page, page_context(), context)
        return str(render_block(page.environment, str(page.name), block, known))
    return in_layout(page, context)


def fields(
    template: str, kind: type[Form], refused: object, given: Mapping[str, str] | None = None, **words: str
) -> Markup:
    """What there is to fill in of a form: as it was refused, or a fresh one, drawn once for everybody.

    Args:
        template: Draws a `form`.
        kind: Its class.
        refused: The form that was refused on the page, if one was, of this kind or another.
        given: What stands in a fresh one, by the names of its fields.
        words: What else the template says.
    """
    mount = current()
    known = {**words, "settings": mount.settings}
    if isinstance(refused, kind):
        return draw(template, {"form": refused, **known})
    given = given or {}
    key = ("fresh", template, *given.items(), *words.values())
    return mount.drawn.get(key, lambda: draw(template, {"form": kind(formdata=None, data=given), **known}))


def draw_sections(
    page: str,
    load: Callable[[Section], Mapping[str, Any] | None],
    context: Mapping[str, object],
    first: str = "",
) -> Mapping[str, Markup]:
    """Draw the sections of a page that are there, by column.

    Each gets what it shows, and what all of them may use.

    Args:
        page: Which page.
        load: Asks a section what it shows.
        context: What all templates may use.
        first: The key of the section that stands before all others of its column.
    """
    mount, ours = current(), page_context()

    def draw_one(name: str, own: Mapping[str, Any]) -> str:
        template = mount.templates.get_template(f"paidsupport/{name}")
        return template.render(within(template, ours, {**context, **own})).strip()

    sections = sorted(mount.capabilities.sections(page), key=lambda each: each.key != first)
    return draw_all(sections, load, draw_one)
