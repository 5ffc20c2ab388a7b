"""Guides: pages that staff write for themselves and for customers, with every earlier edition."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from paidsupport.connect.api.declaring import get, post, put
from paidsupport.connect.api.models import Answer, Moment, Page, Query, Sent
from paidsupport.intake.guides import operations as texts
from paidsupport.intake.guides import queries
from paidsupport.intake.guides.tables import Guide as GuideRow
from paidsupport.kernel.context import Context
from paidsupport.kernel.i18n.languages import translate

TAG = "Guides"


class GuideQuery(Query):
    """Which guides."""

    q: Annotated[str, Field(max_length=200, description="Words to look for.")] = ""


class GuideLine(Answer):
    """A guide in a list."""

    slug: Annotated[str, Field(description="Its name in addresses.")]
    title: str
    public: Annotated[bool, Field(description="Whether customers can read it.")]
    version: Annotated[int, Field(description="The number of its newest edition.")]
    changed_at: Moment


class Guide(GuideLine):
    """A guide."""

    body: Annotated[str, Field(description="In Markdown.")]
    explains: Annotated[list[str], Field(description="The states and transitions that it explains.")]
    languages: Annotated[
        dict[str, dict[str, str]], Field(description="`title` and `body` in other languages, by their tags.")
    ]


class Edition(Answer):
    """The text of a guide from some moment on."""

    number: int
    title: str
    body: str
    author: str
    at: Moment


class GuideText(Sent):
    """A guide as it is to be."""

    title: str
    body: Annotated[str, Field(description="In Markdown.")]
    public: Annotated[bool | None, Field(description="Whether customers can read it; null: as it is.")] = None
    languages: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="`title` and `body` in other languages, by their tags; those that are not named stay.",
    )


class NewGuide(GuideText):
    """A guide to be written."""

    slug: Annotated[str, Field(description="Its name in addresses; empty: made from the title.")] = ""


@get("/guides")
def list_guides(ctx: Context, query: GuideQuery) -> Page[GuideLine]:
    """List the guides in order, or those with all the words, the best first."""
    return Page[GuideLine](items=[_line(row) for row in queries.listed(ctx.session, query.q)])


@get("/guides/<slug>")
def get_guide(ctx: Context, slug: str) -> Guide:
    """Get a guide as it is now, in the main language of the desk."""
    return _whole(queries.find(ctx.session, slug))


@get("/guides/<slug>/editions")
def list_editions(ctx: Context, slug: str) -> Page[Edition]:
    """List all editions of a guide, the newest first."""
    rows = queries.editions(ctx.session, queries.find(ctx.session, slug))
    return Page[Edition](
        items=[
            Edition(number=row.number, title=row.title, body=row.body, author=row.author_name, at=row.at)
            for row in rows
        ]
    )


@post("/guides", status=201)
def create_guide(ctx: Context, body: NewGuide, key: str) -> Guide:
    """Write a guide."""
    public = bool(body.public)
    said = body.model_dump(include={"title", "body", "languages"})
    return _whole(texts.add(ctx, body.slug, **said, public=public, key=key))


@put("/guides/<slug>")
def change_guide(ctx: Context, slug: str, body: GuideText, version: int, key: str) -> Guide:
    """Add an edition to a guide; the version is that of the edition that you have read."""
    return _whole(texts.keep(ctx, slug, **body.model_dump(), seen=version, key=key))


def _line(row: GuideRow) -> GuideLine:
    return GuideLine(
        slug=row.slug,
        title=translate(row.title),
        public=row.public,
        version=row.edition,
        changed_at=row.changed_at,
    )


def _whole(row: GuideRow) -> Guide:
    return Guide(
        slug=row.slug,
        title=row.title,
        public=row.public,
        version=row.edition,
        changed_at=row.changed_at,
        body=row.body,
        explains=list(row.explains),
        languages=row.translations,
    )
