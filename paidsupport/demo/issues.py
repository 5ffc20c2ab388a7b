"""Issues of the demonstration, in every state worth looking at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from paidsupport.demo.acting import acting
from paidsupport.issues import tables as issues
from paidsupport.issues.operations import analysis, drafting, estimates, reviewing, transitions
from paidsupport.issues.operations.analysis import Feedback, Timeline
from paidsupport.issues.operations.estimates import Said
from paidsupport.issues.operations.opening import Opening, open_issue
from paidsupport.issues.operations.transitions import Filled
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key

_UMLAUT = Opening(
    "bug",
    "Photos with an umlaut in their name are not shown",
    "Upload “Grüße.jpg” to any album. The thumbnail is shown, but the photo itself is “not found”.",
)
_SORTED = Opening(
    "feature",
    "Sort albums by the date on which photos were taken",
    "Albums are in the order of upload. Cameras store the date in the photo: let albums be sorted by it.",
)
_DARK = Opening(
    "bug",
    "Thumbnails stay dark on phones",
    "Open an album with more than 60 photos on a phone and scroll down: the last ones stay dark.",
)
_TURNED = Opening(
    "bug",
    "A rotated photo keeps its old thumbnail",
    "Rotate a photo by 90 degrees and go back to the album: the thumbnail is still the old one.",
)
_OPEN = Opening(
    "bug",
    "Private albums can be opened by guessing their address",
    "Request an album by a number that is not linked anywhere: it is shown without signing in.",
    private=True,
)


def tell(people: Sequence[Actor]) -> None:
    """Create five issues: new, private and awaiting feedback, in work, in review, resolved."""
    ada, ben, mia = people
    week = timedelta(days=7)
    _opened(ada, _SORTED, week / 3)
    _asked(_opened(ben, _OPEN, week / 7), mia, ada, 1, week / 8)
    umlaut = _planned(_opened(ada, _UMLAUT, week * 2), mia, ben, week * 1.8)
    _transition(umlaut, "start", ben, week)
    with acting(ben, week / 2) as ctx:
        estimates.say(ctx, umlaut, Said("2h", None, ""), key=new_key())
    _reviewed(_opened(ben, _TURNED, week * 3), mia, ada, week * 2.5)
    dark = _reviewed(_opened(ada, _DARK, week * 4), mia, ben, week * 3)
    with acting(ada, week) as ctx:
        version = issues.see(ctx.session, dark, ada).version
        words = "Scrolled through 200 photos on two phones."
        reviewing.decide(ctx, dark, "approve", words, version=version, key=new_key())


def _opened(by: Actor, opening: Opening, ago: timedelta) -> str:
    with acting(by, ago) as ctx:
        return open_issue(ctx, opening, key=new_key()).code


def _asked(code: str, mia: Actor, colleague: Actor, priority: int, ago: timedelta) -> None:
    with acting(mia, ago) as ctx:
        analysis.ask(ctx, code, colleague.id, priority, "", version=1, key=new_key())


def _planned(code: str, mia: Actor, colleague: Actor, ago: timedelta) -> str:
    """Take an issue to its confirmation: it gets feedback, and a timeline from management."""
    _asked(code, mia, colleague, 2, ago)
    with acting(colleague, ago * 0.95) as ctx:
        said = Feedback(estimate="4h", path="Read the name as it is stored, not as it is shown.")
        version = issues.see(ctx.session, code, colleague).version
        analysis.give_feedback(ctx, code, said, version=version, key=new_key())
    with acting(mia, ago * 0.9) as ctx:
        day = (ctx.now + ago + timedelta(days=20)).date()
        analysis.set_timeline(ctx, code, Timeline(day.isoformat(), "2.1"), key=new_key())
        issue = issues.lock(ctx.session, code, mia)
        if issue.state == "new":
            transitions.apply(ctx, issue, "confirm", version=issue.version)
    return code


def _reviewed(code: str, mia: Actor, author: Actor, ago: timedelta) -> str:
    """Take an issue to its review: it is solved, with a draft for the customer."""
    _planned(code, mia, author, ago)
    _transition(code, "start", author, ago * 0.8)
    with acting(author, ago * 0.6) as ctx:
        drafting.draft(ctx, code, "We repaired the thumbnails. Thank you for telling us.", key=new_key())
    _transition(code, "submit", author, ago * 0.5, Filled(note="Upload some photos and look at the album."))
    return code


def _transition(code: str, name: str, by: Actor, ago: timedelta, filled: Filled | None = None) -> None:
    with acting(by, ago) as ctx:
        version = issues.see(ctx.session, code, by).version
        transitions.make(ctx, code, name, version=version, key=new_key(), filled=filled)
