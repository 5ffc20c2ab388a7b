"""The tone rules of a desk: those that come with it, and those in the site's own file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from paidsupport.kernel.errors import ConfigurationError
from paidsupport.privacy.tone import Language
from paidsupport.privacy.tones import BadRulesError, extended, shipped
from paidsupport.settings import Settings


def tone_of(settings: Settings) -> Callable[[], tuple[Language, ...]]:
    """Load the tone rules that the settings name. Raises ConfigurationError that says what is wrong.

    A site's own rules are read at once. Those that come with the desk are read when the first email is
    checked, so that programs which check none save the memory.
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
