"""Template filters for issues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup, escape

from paidsupport.issues.rules.kinds import KINDS, NOTE_KINDS, OCCASIONS, Occasion, headed, lasting
from paidsupport.issues.workflow import ISSUE
from paidsupport.kernel.actors import called
from paidsupport.kernel.i18n.languages import translate


def told(occasion: str, actor: str) -> Markup:
    """Say why a person is notified of an issue, with the name of the colleague who did something."""
    name = Markup('<bdi class="ps-person">{}</bdi>').format(called(actor))
    return escape(translate(OCCASIONS[Occasion(occasion)])) % {"name": name}


#: The filters by their names in templates.
ALL: dict[str, Callable[..., Any]] = {
    "lasting": lasting,
    "issue_state": lambda name: ISSUE.state(name).label,
    "issue_kind": KINDS.get,
    "note_kind": NOTE_KINDS.get,
    "issue_told": told,
    "headed": lambda issue: headed(issue.summary, issue.minutes_left, issue.deadline),
}
