"""A page about a record is a list of sections, each declared by the capability that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from markupsafe import Markup

from paidsupport.kernel.db.parts import Part

#: What a section shows of a record, by the names of its template; None: it is not there. It is given the
#: context, what the page has loaded, and the form that was refused on the page, if one was.
Load = Callable[[Any, Any, Any], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One part of a page, with a template of its own, which knows `s`: what `load` gave."""

    #: Which page it is on: "ticket", "issue" or "customer".
    page: str
    key: str
    template: str
    #: Where in its column it stands: lower places come first.
    place: int
    column: str
    load: Load
    #: What hangs on the record and is shown here: the statement of the page asks whether there is any.
    parts: Sequence[Part[Any]] = ()


def section(
    page: str, template: str, place: int, column: str = "main", parts: Sequence[Part[Any]] = ()
) -> Callable[[Load], Section]:
    """Make a section of the function that loads it.

    Its key is the name of its template, without “_section”.
    """
    key = template.rpartition("/")[2].removesuffix(".html").lstrip("_").removesuffix("_section")
    return lambda load: Section(page, key, template, place, column, load, parts)


def draw_all(
    sections: Iterable[Section],
    load: Callable[[Section], Mapping[str, Any] | None],
    draw: Callable[[str, Mapping[str, Any]], str],
) -> Mapping[str, Markup]:
    """Draw those of `sections` that are there, by column.

    Args:
        sections: In their order.
        load: Asks a section what it shows.
        draw: Draws a template with what it may use.
    """
    drawn: dict[str, list[str]] = {}
    for each in sections:
        shown = load(each)
        if shown is not None:
            drawn.setdefault(each.column, []).append(draw(each.template, {"s": SimpleNamespace(**shown)}))
    return {column: Markup("\n".join(parts)) for column, parts in drawn.items()}  # noqa: S704  # of Jinja
