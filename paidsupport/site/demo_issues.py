"""Issues of the demonstration, one in each state that has something to look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from paidsupport.desk.issues import analysis, drafting, estimates, moves, reviewing
from paidsupport.desk.issues.analysis import Feedback, Timeline
from paidsupport.desk.issues.estimates import Said
from paidsupport.desk.issues.moves import Filled
from paidsupport.desk.issues.opening import Opening, open_issue
from paidsupport.domain.actors import Actor
from paidsupport.domain.codes import new_key
from paidsupport.site.acting import acting
from paidsupport.store import issues

_UMLAUT = Opening(
    "bug",
    "Photos with an umlaut in their name are not shown",
    "Upload “Grüße.jpg” to any album. The thumbnail is there, the photo itself answers “not found”.",
)
_SORTED = Opening(
    "feature",
    "Albums sorted by the day on which photos were taken",
    "The order is that of the upload. Cameras write the day into the photo; let an album be sorted by it.",
)
_DARK = Opening(
    "bug",
    "Thumbnails stay dark on phones",
    "Open an album with more than 60 photos on a phone and scroll down: the last ones stay dark.",
)
_TURNED = Opening(
    "bug",
    "A turned photo keeps its old thumbnail",
    "Turn a photo by 90 degrees, go back to the album: the thumbnail lies on its side.",
)
_OPEN = Opening(
    "bug",
    "Albums open to strangers under a guessed address",
    "Ask for an album by a number that was never linked: it is shown without signing in.",
    private=True,
)


def tell(people: Sequence[Actor]) -> None:
    """Five issues: new, asked about and private, in work, in review, resolved."""
    ada, ben, mia = people
    week = timedelta(days=7)
    _opened(ada, _SORTED, week / 3)
    _asked(_opened(ben, _OPEN, week / 7), mia, ada, 1, week / 8)
    umlaut = _planned(_opened(ada, _UMLAUT, week * 2), mia, ben, week * 1.8)
    _move(umlaut, "start", ben, week)
    with acting(ben, week / 2) as visit:
        estimates.say(visit, umlaut, Said("2h", None, ""), key=new_key())
    _reviewed(_opened(ben, _TURNED, week * 3), mia, ada, week * 2.5)
    dark = _reviewed(_opened(ada, _DARK, week * 4), mia, ben, week * 3)
    with acting(ada, week) as visit:
        version = issues.see(visit.session, dark, ada).version
        words = "Scrolled through 200 photos on two phones."
        reviewing.decide(visit, dark, "approve", words, version=version, key=new_key())


def _opened(by: Actor, opening: Opening, ago: timedelta) -> str:
    with acting(by, ago) as visit:
        return open_issue(visit, opening, key=new_key()).code


def _asked(code: str, mia: Actor, colleague: Actor, priority: int, ago: timedelta) -> None:
    with acting(mia, ago) as visit:
        analysis.ask(visit, code, colleague.id, priority, "", version=1, key=new_key())


def _planned(code: str, mia: Actor, colleague: Actor, ago: timedelta) -> str:
    """Feedback is given, and management has set the timeline: it is confirmed."""
    _asked(code, mia, colleague, 2, ago)
    with acting(colleague, ago * 0.95) as visit:
        said = Feedback(estimate="4h", path="Read the name as it is stored, not as it is shown.")
        version = issues.see(visit.session, code, colleague).version
        analysis.give_feedback(visit, code, said, version=version, key=new_key())
    with acting(mia, ago * 0.9) as visit:
        day = (visit.now + ago + timedelta(days=20)).date()
        analysis.set_timeline(visit, code, Timeline(day.isoformat(), "2.1"), key=new_key())
        issue = issues.lock(visit.session, code, mia)
        if issue.state == "new":
            moves.apply(visit, issue, "confirm", version=issue.version)
    return code


def _reviewed(code: str, mia: Actor, author: Actor, ago: timedelta) -> str:
    """Solved, drafted, and waiting for somebody who tries it."""
    _planned(code, mia, author, ago)
    _move(code, "start", author, ago * 0.8)
    with acting(author, ago * 0.6) as visit:
        drafting.draft(visit, code, "We repaired the thumbnails. Thank you for telling us.", key=new_key())
    _move(code, "submit", author, ago * 0.5, Filled(note="Upload some photos and look at the album."))
    return code


def _move(code: str, name: str, by: Actor, ago: timedelta, filled: Filled | None = None) -> None:
    with acting(by, ago) as visit:
        version = issues.see(visit.session, code, by).version
        moves.make(visit, code, name, version=version, key=new_key(), filled=filled)
