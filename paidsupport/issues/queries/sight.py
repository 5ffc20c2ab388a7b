"""Hides private issues in everything that is handed out: histories, JSON, notices, webhooks (T13).

The code of a private issue appears in the histories of the tickets that follow it. People who may not see the
issue get these events without it: everything that leaves passes through here, in any format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.issues.tables import Issue, visible
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import issue_codes_in
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import _

#: Replaces a code.
HIDDEN = _("(a private issue)")
#: The actor for external programs and unknown readers.
NOBODY = Actor(kind="nobody", name="nobody")

T = TypeVar("T")


def without_hidden(session: Session, by: Actor, value: T) -> T:
    """A text or JSON value as `by` may see it. No query if it names no issue."""
    # joined with a separator, so that no code spans two texts
    if not (named := issue_codes_in("\0".join(_texts(value)))):
        return value
    hidden = set(session.scalars(select(Issue.code).where(Issue.code.in_(named), ~visible(by))))
    return _mapped(value, lambda text: _without(text, hidden)) if hidden else value


def private_issues_in(session: Session, text: str) -> Sequence[str]:
    """The codes of private issues in a text. No query for a text that names no issue."""
    named = issue_codes_in(text)
    if not named:
        return ()
    hidden = select(Issue.code).where(Issue.code.in_(named), Issue.private)
    return session.scalars(hidden.order_by(Issue.code)).all()


def _without(text: str, hidden: set[str]) -> str:
    """Cut a text wherever it names a hidden issue: codes are found in any spelling."""
    return _cut(text, hidden) if issue_codes_in(text) & hidden else text


def _cut(text: str, hidden: set[str]) -> str:
    instead = str(translate(HIDDEN))
    text = re.sub("|".join(map(re.escape, hidden)), instead, text, flags=re.IGNORECASE)
    return instead if issue_codes_in(text) & hidden else text


def _texts(value: object) -> Sequence[str]:
    found, left = [], [value]
    for each in left:
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, dict):
            left += (*each.keys(), *each.values())
        elif isinstance(each, list | tuple):
            left += each
    return found


def _mapped(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401  # whatever JSON holds
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {_mapped(key, change): _mapped(each, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(each, change) for each in value]
    return value
