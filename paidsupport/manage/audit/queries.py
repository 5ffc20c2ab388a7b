"""Queries for the history of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from paidsupport.kernel.configuration.tables import ConfigurationEvent

#: Lines on a page.
PAGE = 50
#: So many words are looked for; what comes after them is passed over.
_MOST_WORDS = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are asked for; what is empty does not matter.

    Attributes:
        words: What the line says somewhere, in any case.
        about: What was changed: `service:upgrade`, or the beginning of it.
        by: The name of who did it.
        since: Not before.
        until: Before.
        before: Only lines with a lower number: the next page.
    """

    words: str = ""
    about: str = ""
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def lines(session: Session, wanted: Wanted) -> Sequence[ConfigurationEvent]:
    """The newest lines, one more than a page holds."""
    query = select(ConfigurationEvent).order_by(ConfigurationEvent.number.desc()).limit(PAGE + 1)
    for word in wanted.words.casefold().split()[:_MOST_WORDS]:
        query = query.where(ConfigurationEvent.words.contains(word, autoescape=True))
    if wanted.about:
        query = query.where(ConfigurationEvent.about.startswith(wanted.about, autoescape=True))
    if wanted.by:
        query = query.where(ConfigurationEvent.actor_name == wanted.by)
    if wanted.since:
        query = query.where(ConfigurationEvent.at >= wanted.since)
    if wanted.until:
        query = query.where(ConfigurationEvent.at < wanted.until)
    if wanted.before:
        query = query.where(ConfigurationEvent.number < wanted.before)
    return session.scalars(query).all()


def authors(session: Session) -> Sequence[str]:
    """The names of all who have ever changed something."""
    names = select(ConfigurationEvent.actor_name).distinct()
    return session.scalars(names.order_by(ConfigurationEvent.actor_name)).all()
