"""What languages are called, each in itself: that is how people find their own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from paidsupport.kernel.i18n import pseudo


def choices(tags: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of tag and name, for a select."""
    return [(tag, name_of(tag)) for tag in tags]


@cache
def name_of(tag: str) -> str:
    """What the language is called in itself."""
    from babel import Locale  # noqa: PLC0415  # late: few pages need it, and it takes its time

    name = None if tag in pseudo.LOCALES else Locale.parse(tag, sep="-").get_display_name()
    return f"{name[:1].upper()}{name[1:]}" if name else tag
