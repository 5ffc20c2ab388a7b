"""Slack and Mattermost: a line for each chosen event, as their incoming webhooks want it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from paidsupport.connect.connections import queries
from paidsupport.connect.connections.setup import operations as setup
from paidsupport.connect.connections.tables import ConnectionTask
from tests.connect.connections.connecting import connected
from tests.connect.webhooks.receivers import Hit, Site
from tests.people import Desk

pytestmark = pytest.mark.row("P12")

#: A link of Slack, and one of Mattermost, at the beginning of a line.
SLACK = re.compile(r"<(http://127\.0\.0\.1:5000/support/desk/tickets/(PS-[\w-]+))\|\2> ([^<>]+)")
MATTERMOST = re.compile(
    r"\[(PS(?:\\-\w+)+)\]\((http://127\.0\.0\.1:5000/support/desk/tickets/PS-[\w-]+)\) (.+)"
)


@pytest.fixture(autouse=True)
def _private(desk: Desk) -> None:
    """Receivers are on this machine."""
    with desk.ctx() as ctx:
        object.__setattr__(ctx.services.settings, "connections_private", True)  # they are frozen


@pytest.fixture
def site() -> Iterator[Site]:
    """A chat that takes everything."""
    with Site(status=200) as found:
        yield found


def checked(hit: Hit) -> str:
    """The text of a message, if it is what an incoming webhook takes."""
    assert hit.headers["content-type"] == "application/json"
    said: dict[str, Any] = json.loads(hit.body)
    assert said.keys() <= {"text", "unfurl_links"}
    text = said["text"]
    assert isinstance(text, str)
    assert 0 < len(text) <= 4000
    assert "\n" not in text
    return text


@pytest.mark.parametrize("kind", ["slack", "mattermost"])
def test_a_channel_is_told_in_readable_lines(desk: Desk, site: Site, kind: str) -> None:
    """Of what was chosen, with a link, and without the name of anyone."""
    reference = connected(desk, kind, {"events": "ticket.submitted, ticket.claim issue.*"}, {"url": site.url})
    code = desk.order(email="karla@example.com")
    desk.claim(code, desk.ada)
    issue = desk.open_issue(desk.mia, code, private=True)
    desk.work()
    texts = [checked(hit) for hit in site.hits]
    lines = SLACK if kind == "slack" else MATTERMOST
    found = [lines.fullmatch(text) for text in texts]
    assert all(found), texts
    plain = [match[3].replace("\\", "") for match in found if match]
    assert plain == ["The customer ordered it", "A colleague claimed it (Open → Pending)"]
    assert not re.search(rf"\b(Ada|Karla|{issue})\b", str(texts))
    with desk.ctx(desk.mia) as ctx:
        assert setup.check(ctx, reference) == ""
    assert checked(site.hits[-1]) == "Events of the desk will be told here."


def test_what_is_told_is_escaped_and_cut() -> None:
    """Words that came in with an event start no mention, no link and no format."""
    from paidsupport.connect.chat import lines  # noqa: PLC0415  # of workers

    assert lines._plain("<!channel> @all *x* [y](z)") == r"\<\!channel\> \@all \*x\* \[y\]\(z\)"
    assert "<!channel> & x".translate(lines._SLACK) == "&lt;!channel&gt; &amp; x"


def test_old_news_are_not_told_and_a_channel_that_is_gone_stops(desk: Desk) -> None:
    """A chat that was away for a day gets what is new; one that was removed gets nothing more."""
    with Site(status=429, retry_after="86400") as site:
        reference = connected(desk, "slack", {"events": "ticket.submitted"}, {"url": site.url})
        desk.order()
        desk.work()
        desk.clock.forward(minutes=24 * 60)
        site.status = 404
        desk.order()
        desk.work()
        assert len(site.hits) == 2
        with desk.ctx() as ctx:
            states = ctx.session.scalars(select(ConnectionTask.state).order_by(ConnectionTask.id)).all()
            row = queries.by_reference(ctx.session, reference)
            stopped = getattr(queries.state_of(ctx.session, row.id), "stopped", "")
        assert states == ["withdrawn", "failed"]
        assert "404" in stopped
