"""Releases: closing resolved issues with one, and its notes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from paidsupport.connect.api.declaring import get, post, put
from paidsupport.connect.api.models import Answer, Moment, Query, Sent
from paidsupport.connect.api.resources._issue_models import IssueShort, short
from paidsupport.connect.api.resources.issues import Typed
from paidsupport.issues.operations import releases
from paidsupport.issues.queries import releases as queries
from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.scopes import Scope

TAG = "Releases"


class ReleaseRow(Answer):
    """A release that closed issues."""

    name: str
    closed: Annotated[int, Field(description="How many issues.")]
    at: Moment | None


class ReleaseSent(Sent):
    """A release, and what shipped with it."""

    name: Annotated[str, Field(description="The name that customers know, like 2.1.")]
    issues: Annotated[list[str], Field(max_length=5000, description="The codes of resolved issues.")]


class ReleaseClosed(Answer):
    """Which issues were closed."""

    name: str
    closed: list[str]


class NotesQuery(Query):
    """What release notes are about."""

    documentation: Annotated[bool, Field(description="Also improvements of the documentation.")] = False


class ReleaseNotes(Answer):
    """What customers gain by a release."""

    name: str
    markdown: str


class ReleaseNoteSent(Sent):
    """What customers will notice, in their words."""

    words: Typed


class ResolvedQuery(Query):
    """Which resolved issues come first."""

    name: Annotated[str, Field(max_length=200, description="Those that are planned for this release.")] = ""


@get("/releases")
def list_releases(ctx: Context) -> list[ReleaseRow]:
    """List the releases that closed issues, the newest first; at most 50."""
    return [ReleaseRow.model_validate(row) for row in queries.shipped(ctx.session, ctx.by)]


@get("/resolved-issues")
def list_resolved_issues(ctx: Context, query: ResolvedQuery) -> list[IssueShort]:
    """List the resolved issues, which can be closed with a release."""
    return [short(issue) for issue in queries.resolved(ctx.session, ctx.by, query.name)]


@post("/releases", scope=Scope.MANAGE, status=201)
def close_release(ctx: Context, body: ReleaseSent, key: str) -> ReleaseClosed:
    """Close resolved issues with a release: all or none."""
    closed = releases.close_all(ctx, body.name, body.issues, key=key)
    return ReleaseClosed(name=body.name.strip(), closed=closed)


@get("/releases/<name>")
def get_release_notes(ctx: Context, name: str, query: NotesQuery) -> ReleaseNotes:
    """Get the release notes, in Markdown; nothing private is in them."""
    text = releases.markdown(ctx, name, documentation=query.documentation)
    return ReleaseNotes(name=name, markdown=text)


@put("/issues/<code>/release-note")
def write_release_note(ctx: Context, code: str, body: ReleaseNoteSent, key: str) -> IssueShort:
    """Write the text about an issue for the release notes; without one, its summary is used."""
    return short(releases.describe(ctx, code, body.words, key=key))
