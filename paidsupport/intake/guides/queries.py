"""Queries for guides: in order, by search words, and their editions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from paidsupport.intake.guides.ranking import ranked
from paidsupport.intake.guides.tables import Guide, GuideEdition
from paidsupport.kernel.db.wording import Texts, forms, in_languages
from paidsupport.kernel.errors import NotFoundError, existing
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import worded
from paidsupport.kernel.words import words

#: Which texts of a guide can be translated.
GUIDE = Texts(("title",), ("body",))
SLUG = re.compile(r"[a-z0-9-]{1,40}")
_IN_ORDER = select(Guide).order_by(Guide.position, Guide.title, Guide.id)


def every(session: Session) -> Sequence[Guide]:
    """All guides in order, not translated, for editing."""
    return session.scalars(_IN_ORDER).all()


def listed(session: Session, typed: str = "") -> list[Guide]:
    """All guides in order, or those with all the words that were typed, best first."""
    return _fitting(session.scalars(_IN_ORDER).all(), typed, every=True)


def published(session: Session, typed: str = "") -> list[Guide]:
    """The public guides: all in order, or those that fit what was typed, best first."""
    return _fitting(session.scalars(_IN_ORDER.where(Guide.public)).all(), typed, every=False)


def _fitting(rows: Sequence[Guide], typed: str, *, every: bool) -> list[Guide]:
    """Search the texts in the current language, so that the words found are also shown."""
    guides, wanted = in_languages(rows, GUIDE), words(typed)
    if not wanted:
        return guides
    texts = [(translate(guide.title), translate(guide.body)) for guide in guides]
    return [guides[at] for at in ranked(texts, wanted, every=every)]


def read(session: Session, slug: str) -> Guide:
    """The guide with this slug, with texts in the reader's language. Raises NotFoundError."""
    [guide] = in_languages([find(session, slug)], GUIDE)
    return guide


def find_published(session: Session, slug: str) -> Guide:
    """The public guide with this slug. Raises NotFoundError."""
    guide = read(session, slug)
    if not guide.public:
        raise NotFoundError
    return guide


def title_of(session: Session, slug: str) -> str:
    """The title of the guide called `slug`; empty if there is none."""
    return _text_of(session, slug, "title") if slug else ""


def body_of(session: Session, slug: str) -> str:
    """The text of the guide called `slug`; empty if there is none."""
    return _text_of(session, slug, "body")


def _text_of(session: Session, slug: str, name: str) -> str:
    found = session.execute(select(getattr(Guide, name), Guide.translations).where(Guide.slug == slug))
    return next((worded(text, forms(translations, name)) for text, translations in found), "")


def find(session: Session, slug: str) -> Guide:
    """The guide with this slug, not translated, for editing. Raises NotFoundError."""
    return existing(at(session, slug) if SLUG.fullmatch(slug) else None)


def at(session: Session, slug: str) -> Guide | None:
    """As `find`; None if there is none."""
    wanted = select(Guide).where(Guide.slug == slug).execution_options(populate_existing=True)
    return session.scalar(wanted)


def editions(session: Session, guide: Guide) -> Sequence[GuideEdition]:
    """All editions of a guide, newest first."""
    wanted = select(GuideEdition).where(GuideEdition.guide_id == guide.id)
    return session.scalars(wanted.order_by(GuideEdition.number.desc())).all()


def edition(session: Session, guide: Guide, number: int) -> tuple[GuideEdition, GuideEdition | None]:
    """One edition and the one before it, None for the first. Raises NotFoundError."""
    wanted = select(GuideEdition).where(
        GuideEdition.guide_id == guide.id, GuideEdition.number.in_((number, number - 1))
    )
    found = {row.number: row for row in session.scalars(wanted)}
    if number not in found:
        raise NotFoundError
    return found[number], found.get(number - 1)


def explaining(session: Session) -> dict[str, tuple[str, str]]:
    """For each state and transition that a guide explains: the slug and title of the first such guide."""
    rows = session.execute(
        select(Guide.explains, Guide.slug, Guide.title, Guide.translations).order_by(
            Guide.position.desc(), Guide.id.desc()
        )
    ).all()
    titles = {row.slug: worded(row.title, forms(row.translations, "title")) for row in rows}
    return {name: (row.slug, titles[row.slug]) for row in rows for name in row.explains}


def last_place(session: Session) -> int:
    """The position of the last guide in the list."""
    return session.scalar(select(func.max(Guide.position))) or 0
