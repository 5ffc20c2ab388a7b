"""Templates lie beside the code of their capability, under names that a host can override.

`paidsupport/tickets/queue/queue.html` is in `tickets/queue/templates/`, `paidsupport/_layout.html` in
`kernel/web/templates/`. Emails are called by their kind alone: `paidsupport/emails/offer/body.txt` is in the
folder `emails/` of whichever capability writes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from jinja2 import BaseLoader, Environment, TemplateNotFound

#: The package: whatever lies in it is ours, and no version of a host.
ROOT = Path(__file__).parents[2]
_PREFIX = "paidsupport/"
_SHARED = "kernel/web"
_SUFFIXES = {".html", ".txt"}
_INDENT = re.compile("^[ \\t]+", re.MULTILINE)


class CapabilityLoader(BaseLoader):
    """Finds templates of ours by their names."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text of a template, its file, and whether it is still the same.

        The indentation of HTML is for those who read the template: it is not sent fifty times a page.

        Raises:
            TemplateNotFound: we have none of that name.
        """
        del environment
        path = _files().get(template)
        if path is None:
            raise TemplateNotFound(template)
        changed = path.stat().st_mtime
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            text = _INDENT.sub("", text)
        return text, str(path), lambda: path.stat().st_mtime == changed

    def list_templates(self) -> list[str]:
        """The names of all templates of ours."""
        return sorted(_files())


@cache
def _files() -> dict[str, Path]:
    """The file of each name."""
    found = {}
    for path in ROOT.rglob("*"):
        if path.suffix not in _SUFFIXES:
            continue
        room, _, name = path.relative_to(ROOT).as_posix().rpartition("/templates/")
        if room:
            found[_PREFIX + (name if room == _SHARED else f"{room}/{name}")] = path
        elif "/emails/" in path.as_posix():
            found[f"{_PREFIX}emails/{path.as_posix().rpartition('/emails/')[2]}"] = path
    return found
