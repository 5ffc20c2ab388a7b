"""Everything that speaks htmx: the names of its headers stand here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

from flask import request
from jinja2_fragments import render_block
from markupsafe import Markup

from paidsupport.mount import current
from paidsupport.web.layout import in_layout, page_context, within

#: The header in which an open queue shows its pass.
PASS_HEADER = "X-Paidsupport-Pass"  # noqa: S105  # the name of a header
#: What htmx does with an answer of this status: nothing.
NOTHING_NEW = 204


def wants_fragment() -> bool:
    """Whether htmx asks for a part of a page (and not for the whole one because history was lost)."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def show(template: str, /, block: str = "", **context: object) -> str:
    """A page of ours, or only its `block` when htmx asks for that."""
    page = current().templates.get_template(f"paidsupport/{template}")
    if block and wants_fragment():
        known = within(page, page_context(), context)
        return str(render_block(page.environment, str(page.name), block, known))
    return in_layout(page, context)


def draw(template: str, context: Mapping[str, object]) -> Markup:
    """A part of a page that knows nothing of who asks for it, to be kept."""
    mount = current()
    shared = SimpleNamespace(keys=mount.capabilities.keys, capabilities=mount.capabilities.names)
    html = mount.templates.get_template(f"paidsupport/{template}").render({"paidsupport": shared, **context})
    return Markup(html.strip())  # noqa: S704  # Jinja escaped it
