"""Canned replies: texts that staff begin from, shared by all or of one person."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from paidsupport.catalogue import queries as catalogue
from paidsupport.catalogue.tables import Boilerplate
from paidsupport.connect.api.declaring import delete, get, post, put
from paidsupport.connect.api.models import Answer, Page, Sent
from paidsupport.kernel.context import Context
from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.text import whole_number
from paidsupport.tickets.conversation.operations import boilerplate as texts
from paidsupport.tickets.queries.tickets import by_code

TAG = "Canned replies"


class CannedReply(Answer):
    """A text to begin from, with its placeholders."""

    id: int
    title: str
    body: str
    shared: Annotated[bool, Field(description="Whether all staff can use it.")]
    texts: Annotated[
        dict[str, str],
        Field(
            description="As they are stored; those in other languages are `title_de`, `body_de` and so on."
        ),
    ]


class CannedText(Sent):
    """A canned reply as it is written."""

    title: str
    body: str
    shared: Annotated[bool, Field(description="One that all staff can use stays so.")] = False
    languages: dict[str, dict[str, str]] = Field(
        default_factory=dict,
        description="`title` and `body` in other languages, by their tags; those that are not named stay.",
    )


class ChangedText(CannedText):
    """A canned reply as it is to be."""

    was: dict[str, str] = Field(
        default_factory=dict,
        description="Its `texts` as you have read them: what a colleague has changed since is not lost.",
    )


class FilledReply(Answer):
    """A canned reply, filled in for a ticket."""

    body: str


@get("/canned-replies")
def list_canned_replies(ctx: Context) -> Page[CannedReply]:
    """List the canned replies that this person can use, by title."""
    rows = catalogue.boilerplate(ctx.session, ctx.by.id)
    return Page[CannedReply](items=[_told(row) for row in rows])


@post("/canned-replies", status=201)
def create_canned_reply(ctx: Context, body: CannedText, key: str) -> CannedReply:
    """Write a canned reply."""
    return _told(texts.keep(ctx, None, **body.model_dump(), key=key))


@put("/canned-replies/<number>")
def change_canned_reply(ctx: Context, number: str, body: ChangedText, key: str) -> CannedReply:
    """Change a canned reply."""
    said = body.model_dump(exclude={"was"})
    return _told(texts.keep(ctx, _id(number), **said, seen=body.was, key=key))


@delete("/canned-replies/<number>")
def remove_canned_reply(ctx: Context, number: str, key: str) -> None:
    """Delete a canned reply."""
    texts.drop(ctx, _id(number), key=key)


@get("/tickets/<code>/canned-replies/<number>")
def fill_canned_reply(ctx: Context, code: str, number: str) -> FilledReply:
    """Get a canned reply, filled in for a ticket."""
    return FilledReply(body=texts.filled(ctx, by_code(ctx.session, code), _id(number)))


def _id(number: str) -> int:
    found = existing(whole_number(number))
    if not found:
        raise NotFoundError
    return found


def _told(row: Boilerplate) -> CannedReply:
    return CannedReply(
        id=row.id,
        title=translate(row.title),
        body=translate(row.body),
        shared=row.owner_id is None,
        texts=texts.values_of(row),
    )
