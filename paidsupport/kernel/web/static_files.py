"""Our static files: their addresses change with their content, so browsers need not ask for them again."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import pass_context
from jinja2.runtime import Context

FOLDER = Path(__file__).parents[2] / "static" / "paidsupport"
#: How long browsers may keep a file without asking: a year, the longest that caches honour.
KEPT_SECONDS = 365 * 24 * 3600
#: Enough to tell the versions of one file apart; a queue has dozens of icons, each with this in its address.
_DIGITS = 6


@cache
def version(filename: str) -> str:
    """The part of a file's address that changes with its content; empty if there is no such file."""
    try:
        return sha256((FOLDER / filename).read_bytes()).hexdigest()[:_DIGITS]
    except OSError:
        return ""


@pass_context  # with the environment alone, Jinja would work the address out once, at compile time
def static(context: Context, filename: str) -> str:
    """The address of a file, by the template's own `url_for`, which is quick on our pages."""
    return str(context["url_for"]("paidsupport.static", filename=filename, v=version(filename)))
