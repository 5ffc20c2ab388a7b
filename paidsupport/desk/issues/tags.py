"""Words on issues by which they are found; the one for customers cannot be taken off (T4)."""

from __future__ import annotations

from sqlalchemy import select

from paidsupport.desk.issues import privacy
from paidsupport.desk.visit import Visit
from paidsupport.domain.issues import CUSTOMER_TAG
from paidsupport.domain.tags import fold_tag
from paidsupport.store import issue_words
from paidsupport.store.issues import Issue, IssueTag


def put(visit: Visit, issue: Issue, name: str) -> None:
    """Put a word on an issue, if it is not there yet; the caller holds the issue's lock.

    Raises InvalidInputError (field `name`) for the name of a customer who waits for it.
    """
    folded = fold_tag(name)
    if folded in {tag.folded for tag in of(visit, issue)}:
        return
    if name != CUSTOMER_TAG:
        privacy.refuse_customers(visit, issue, name, "name")
    visit.session.add(IssueTag(issue_id=issue.id, name=name, folded=folded))
    visit.session.flush()
    issue_words.index(visit.session, issue.id, name)


def of(visit: Visit, issue: Issue) -> list[IssueTag]:
    """The words on an issue, in the order in which they were put there."""
    wanted = select(IssueTag).where(IssueTag.issue_id == issue.id).order_by(IssueTag.id)
    return list(visit.session.scalars(wanted))
