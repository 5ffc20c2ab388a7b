"""The rules of tone of a desk: those that come with the desk, and those of the site's own file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from paidsupport.kernel.errors import ConfigurationError
from paidsupport.privacy.tone import Language
from paidsupport.privacy.tones import BadRulesError, extended, shipped
from paidsupport.settings import Settings


def tone_of(settings: Settings) -> Callable[[], tuple[Language, ...]]:
    """How emails are judged, as the settings say. Raises ConfigurationError with what is wrong.

    A site's own rules are read at once; those that come with the desk when the first letter is judged, for
    programs that judge none need no memory for them.
    """
    if not settings.tone_rules:
        return shipped
    own = _read(settings)
    return lambda: own


def _read(settings: Settings) -> tuple[Language, ...]:
    try:
        text = Path(settings.tone_rules).read_text("utf-8")
    except (OSError, ValueError) as error:
        why = (isinstance(error, OSError) and error.strerror) or "it is no text in UTF-8"
        raise ConfigurationError(
            f"PAIDSUPPORT_TONE_RULES: {settings.tone_rules} cannot be read: {why}."
        ) from None
    try:
        return extended(shipped(), text)
    except BadRulesError as error:
        raise ConfigurationError(f"PAIDSUPPORT_TONE_RULES: {settings.tone_rules}: {error}.") from None
