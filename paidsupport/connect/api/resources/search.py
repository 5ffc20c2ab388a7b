"""The search of the desk, in everything that it holds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from paidsupport.connect.api.declaring import get
from paidsupport.connect.api.models import Answer, Query
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import in_words
from paidsupport.kernel.mount import current
from paidsupport.kernel.search import Found
from paidsupport.kernel.web.lists import Line

TAG = "Search"


class SearchQuery(Query):
    """What to look for."""

    q: Annotated[str, Field(max_length=200, description="Words, or a code.")]


class HitTold(Answer):
    """One thing that was found."""

    code: str
    title: str
    about: Annotated[str, Field(description="Who or what it belongs to.")]
    state: str | None
    url: Annotated[str, Field(description="Its page.")]


class FoundTold(Answer):
    """What was found of one kind."""

    kind: Annotated[str, Field(description="What these are, like “Issues”.")]
    items: Annotated[list[HitTold], Field(description="At most 8.")]
    more: Annotated[bool, Field(description="Whether there are more; its own list has them.")]


@get("/search")
def search(ctx: Context, query: SearchQuery) -> list[FoundTold]:
    """Search everything that this person may see: tickets, issues, organisations, guides."""
    typed = query.q.strip()
    searchers = current().capabilities.all("searchers") if typed else ()
    found = (each for searcher in searchers if (each := searcher(ctx, typed)))
    return [FoundTold.model_validate(in_words(_told(each))) for each in found if each.all]


def _told(found: Found) -> dict[str, Any]:
    items = []
    for each in found.all:
        told: dict[str, Any]
        if isinstance(each, Line):
            told = {"title": each.subject, "about": each.customer, "state": each.state[0]}
        else:
            told = {
                "title": each.title,
                "about": each.about,
                "state": each.state.name if each.state else None,
            }
        items.append({"code": each.code, "url": each.url, **told})
    return {"kind": found.heading, "items": items, "more": bool(found.more_url)}
