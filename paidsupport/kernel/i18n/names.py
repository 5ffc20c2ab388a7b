"""What languages are called, each in itself: that is how people find their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from paidsupport.kernel.countries import codes
from paidsupport.kernel.i18n import pseudo
from paidsupport.kernel.i18n.languages import spoken


def choices(tags: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of tag and name, for a select."""
    return [(tag, name_of(tag)) for tag in tags]


def countries() -> list[tuple[str, str]]:
    """Pairs of code and name of all countries, in the language that is spoken now, by code."""
    return [(code, _territories(spoken().tag).get(code, code)) for code in sorted(codes())]


@cache
def _territories(tag: str) -> Mapping[str, str]:
    from babel import Locale  # noqa: PLC0415  # as below

    found: Mapping[str, str] = Locale.parse("en" if tag in pseudo.LOCALES else tag, sep="-").territories
    return found


@cache
def name_of(tag: str) -> str:
    """What the language is called in itself."""
    from babel import Locale  # noqa: PLC0415  # late: few pages need it, and it takes its time

    name = None if tag in pseudo.LOCALES else Locale.parse(tag, sep="-").get_display_name()
    return f"{name[:1].upper()}{name[1:]}" if name else tag
