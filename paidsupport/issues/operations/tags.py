"""Tags on issues, to find them by; the one for customers cannot be removed (T4)."""

from __future__ import annotations

from paidsupport.issues.operations import privacy
from paidsupport.issues.queries import words as issue_words
from paidsupport.issues.queries.contents import tags_of
from paidsupport.issues.rules.kinds import CUSTOMER_TAG
from paidsupport.issues.tables import Issue, IssueTag
from paidsupport.kernel.context import Context
from paidsupport.tickets.tags.rules import fold_tag


def put(ctx: Context, issue: Issue, name: str) -> None:
    """Add a tag to an issue, if it is not there yet; the caller holds the issue's lock.

    Raises InvalidInputError (field `name`) if it is the name of a customer who waits for it.
    """
    folded = fold_tag(name)
    if folded in {tag.folded for tag in tags_of(ctx.session, issue)}:
        return
    if name != CUSTOMER_TAG:
        privacy.refuse_customers(ctx, issue, name, "name")
    ctx.session.add(IssueTag(issue_id=issue.id, name=name, folded=folded))
    ctx.session.flush()
    issue_words.index(ctx.session, issue.id, name)
