"""Every tracker keeps what `protocol.py` promises, against stand-ins that take what is published alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from paidsupport.connect.trackers.kind import FORGEJO, GITHUB, GITLAB, MANTISBT
from paidsupport.connect.trackers.protocol import (
    Fields,
    GoneError,
    Outgoing,
    Resolution,
    Stage,
    Tracker,
)
from paidsupport.demo.pay.server import LOST, Fault
from paidsupport.kernel.mail.transports import NotSentError, UnclearError
from tests.connect.trackers.fake_forge import Forgejo, GitHub, Ticking
from tests.connect.trackers.fake_gitlab import GitLab
from tests.connect.trackers.fake_mantis import Mantis

pytestmark = pytest.mark.row("P17")

_KINDS = {each.name: each for each in (MANTISBT, GITHUB, FORGEJO, GITLAB)}
_ISSUE = Outgoing(reference="I-2345", kind="bug", summary="Albums vanish", details="All of them.", priority=1)


@pytest.fixture(params=[Mantis, GitHub, Forgejo, GitLab])
def there(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A tracker."""
    with request.param(Ticking(datetime(2034, 3, 14, 9, tzinfo=UTC))) as found:
        yield found
    assert found.faults == []


@pytest.fixture
def client(there: Any) -> Tracker:  # noqa: ANN401  # a stand-in
    """What asks it."""
    return client_of(there)


def client_of(there: Any, **values: str) -> Tracker:  # noqa: ANN401  # as above
    """The client of a connection to a stand-in."""
    entered = {**there.values, "token": there.token, "private": "yes", **values}
    kind = _KINDS[there.kind]
    assert kind.wrong(entered) == {}
    found: Tracker = kind.make(entered)
    return found


def test_an_issue_goes_there_and_is_seen_there(there: Any, client: Tracker) -> None:  # noqa: ANN401  # as above
    """Filed, found by its reference, changed, noted, and told of; reports of others come with it."""
    assert client.check() == ""
    watermark = client.changed_since({})[1]
    filed = client.file(_ISSUE)
    assert filed is not None
    assert (filed.ours, filed.reference, filed.stage, filed.priority) == (True, "I-2345", Stage.NEW, 1)
    found = client.find("I-2345")
    assert found is not None
    assert found.id == filed.id
    assert client.find("I-9999") is None
    note = client.note(filed.id, "Which version?\n/close it?", private=False)
    other = str(there.reported("Slides stop", "They do.\n\nRita Reporter"))
    there.noted(int(filed.id), "Version 2.")
    seen = client.look(filed.id)
    assert [(each.ours, each.text) for each in seen.notes] == [
        (True, "Which version?\n/close it?"),
        (False, "Version 2."),
    ]
    assert seen.notes[0].id == note
    told, after = client.changed_since(watermark)
    assert {(each.id, each.fresh) for each in told} == {(filed.id, False), (other, True)}
    while client.changed_since(after)[0]:
        after = client.changed_since(after)[1]
    planned = client.set(filed.id, Fields(priority=2, release="2.1"), seen.version)
    assert (planned.priority, planned.release) == (2, "2.1")
    closed = client.set(
        filed.id,
        Fields(stage=Stage.CLOSED, resolution=Resolution.FIXED, fixed_in="2.1"),
        client.look(filed.id).version,
    )
    assert (closed.stage, closed.priority, closed.release) == (Stage.CLOSED, 2, "2.1")
    assert [each.id for each in client.changed_since(after)[0]] == [filed.id]
    opened = client.set(filed.id, Fields(stage=Stage.NEW, priority=3, release=""), closed.version)
    assert (opened.stage, opened.priority, opened.release) == (Stage.NEW, 3, "")
    shown = repr([client.look(id_) for id_ in (filed.id, other)])
    assert "reporter.example" not in shown
    assert "rita" not in shown.casefold()


@pytest.mark.parametrize("fault", [LOST, Fault(500, handled=True), Fault(200, "<html>", handled=True)])
def test_what_may_be_there_is_found(there: Any, client: Tracker, fault: Fault) -> None:  # noqa: ANN401  # as above
    """It says that it does not know, and finds it by its reference."""
    there.server.next("POST", there.filing, fault)
    with pytest.raises(UnclearError):
        client.file(_ISSUE)
    assert len(there.issues) == 1
    assert client.find(_ISSUE.reference) is not None


def test_private_issues_stay_private(there: Any, client: Tracker) -> None:  # noqa: ANN401  # as above
    """There as well, or nothing is sent."""
    private = Outgoing("I-2345", "bug", "A hole", "Anybody reads albums.", private=True)
    if not client.abilities.private_issue:
        with pytest.raises(NotSentError):
            client.file(private)
        assert there.issues == {}
        return
    filed = client.file(private)
    assert filed is not None
    assert filed.private
    assert there.is_private(int(filed.id))


@pytest.mark.parametrize(
    ("fault", "permanent", "error"),
    [
        (Fault(401, "{}"), False, NotSentError),
        (Fault(403, '{"message": "Forbidden"}'), True, NotSentError),
        (Fault(404, "{}"), True, GoneError),
        (Fault(409, "{}"), False, NotSentError),
        (Fault(410, "{}"), True, GoneError),
        (Fault(422, '{"message": "Validation Failed"}'), True, NotSentError),
        (Fault(302, "", {"Location": "http://127.0.0.1:9/"}), True, NotSentError),
        (Fault(429, "{}"), False, NotSentError),
    ],
)
def test_what_was_refused_was_not_done(
    there: Any,  # noqa: ANN401  # as above
    client: Tracker,
    fault: Fault,
    permanent: bool,  # noqa: FBT001  # a parameter of pytest
    error: type[NotSentError],
) -> None:
    """And whether it makes sense to try again is told."""
    there.server.next("POST", there.filing, fault)
    with pytest.raises(error) as caught:
        client.file(_ISSUE)
    assert caught.value.permanent is permanent
    assert there.issues == {}


@pytest.mark.parametrize("status", [403, 429])
def test_it_is_left_alone_for_as_long_as_it_says(there: Any, client: Tracker, status: int) -> None:  # noqa: ANN401  # as above
    """In seconds, or until when no requests are left; a limit that says neither is left alone as well."""
    until = str(int(time.time()) + 7200)
    limits = [
        Fault(status, "{}", {"Retry-After": "30"}),
        Fault(status, "{}", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": until}),
        Fault(status, '{"message": "You have exceeded a secondary rate limit."}'),
    ]
    waits = []
    for each in limits:
        there.server.next("POST", there.filing, each)
        with pytest.raises(NotSentError) as caught:
            client.file(_ISSUE)
        assert not caught.value.permanent
        waits.append(caught.value.wait or timedelta(0))
    assert waits[0] == timedelta(seconds=30)
    assert timedelta(hours=1) < waits[1] <= timedelta(hours=2)
    assert there.issues == {}
