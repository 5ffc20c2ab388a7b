"""What a tag may be called, and when two tags are the same."""

from __future__ import annotations

import re
import unicodedata

from paidsupport.kernel.i18n.messages import _
from paidsupport.kernel.text import BadTextError, is_visible, one_line

#: Longest name, in characters.
TAG_LIMIT = 40


def tidy_tag(typed: str) -> str:
    """The name as it is stored: one line, in its original case. Raises BadTextError, also for a comma."""
    name = re.sub(r"\s+", " ", one_line(typed, TAG_LIMIT))
    if not is_visible(name):
        raise BadTextError(_("Write the tag first."))
    if "," in name:
        raise BadTextError(_("Write one tag at a time: a tag has no comma."))
    return name


def fold_tag(typed: str) -> str:
    """A form of the name that is the same for all spellings: no case, no extra spaces."""
    return unicodedata.normalize("NFC", " ".join(typed.split()).casefold())
