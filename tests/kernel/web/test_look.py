"""The look: icons that can be told apart, and no more bytes than it needs (P15)."""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from pathlib import Path

import pytest

import paidsupport
from paidsupport.capabilities import ALL
from paidsupport.kernel.capability import Capabilities
from paidsupport.kernel.web.icons import NAMES, SPRITE, state_icon

pytestmark = pytest.mark.row("P15")

PACKAGE = Path(paidsupport.__file__).parent
#: Bytes of all static files as they travel.
MOST = 60 * 1024


def test_every_state_has_a_drawing_of_its_own() -> None:
    """No state of any workflow lacks one, and no two symbols look alike."""
    mounted = Capabilities(ALL)
    flows = [*mounted.all("workflows"), *(flow for flow, _ in mounted.all("engines"))]
    states = {state.name for flow in flows for state in flow.states}
    assert {name for name in states if state_icon(name, "pending") != f"state-{name}"} == set()
    drawings = defaultdict(list)
    for name, drawing in re.findall(
        r'<symbol id="(state-[\w-]+|part-\w+)"[^>]*>(.*?)</symbol>', SPRITE.read_text()
    ):
        drawings[drawing].append(name)
    assert [names for names in drawings.values() if len(names) > 1] == []
    assert state_icon("of a site's own workflow", "closed") == "part-closed"


def test_templates_name_icons_that_there_are() -> None:
    """A symbol that is missing would be a hole in the page."""
    texts = [path.read_text() for path in PACKAGE.rglob("*.html")]
    named = {name for text in texts for name in re.findall(r'\bicon\("([a-z-]+)"\)', text)}
    assert named - NAMES == set()


def test_static_files_are_small() -> None:
    """A phone gets the style sheet, the scripts and the icons in well under a second."""
    files = [path for path in (PACKAGE / "static").rglob("*.*") if path.suffix in {".css", ".js", ".svg"}]
    assert sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in files) < MOST
