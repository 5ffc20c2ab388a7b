"""What managers enter for a channel of Slack or Mattermost (P12)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Row

from paidsupport.connect.chat import lines
from paidsupport.connect.connections.kinds import Done, Kind
from paidsupport.connect.connections.tables import Connection, ConnectionTask
from paidsupport.connect.log.tables import Announcement
from paidsupport.connect.webhooks.kind import EVENTS, wrong_events, wrong_url
from paidsupport.connect.webhooks.reacting import DELIVER, may_leave, react
from paidsupport.kernel.configuration.values import Value, Values
from paidsupport.kernel.context import Context, Services
from paidsupport.kernel.i18n.languages import translate
from paidsupport.kernel.i18n.messages import Message
from paidsupport.kernel.i18n.messages import gettext as _
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

#: After that it is no news any more.
_NEWS = timedelta(hours=12)
#: A channel that is gone, or a webhook that was removed.
_GONE = frozenset({404, 410})
_HELLO = _("Events of the desk will be told here.")
_USUAL = "ticket.submitted ticket.received ticket.cascade ticket.deadline_missed lead.*"

Said = Callable[[Services, Row[Any]], dict[str, Any]]


def _wrong(values: Values) -> Mapping[str, Message]:
    found = {"url": wrong_url(values) if "url" in values else None, "events": wrong_events(values)}
    return {name: sentence for name, sentence in found.items() if sentence is not None}


def _make(values: Values) -> Any:  # noqa: ANN401  # a Line
    from paidsupport.connect.webhooks.posting import line_to  # noqa: PLC0415  # late: workers alone need it

    return line_to(values)


def _perform(line: Any, task: ConnectionTask, now: datetime) -> Done:  # noqa: ANN401  # as above
    from paidsupport.connect.webhooks.posting import post  # noqa: PLC0415  # as above

    return Done(status=post(line, {}, task.body.encode(), now, _GONE))


def _check(line: Any) -> str:  # noqa: ANN401  # as above
    from paidsupport.connect.webhooks.posting import post  # noqa: PLC0415  # as above

    try:
        post(line, {}, json.dumps({"text": str(translate(_HELLO))}).encode(), datetime.now(UTC), _GONE)
    except (NotSentError, UnclearError) as error:
        return str(error)
    return ""


def _prepare(ctx: Context, _connection: Connection, task: ConnectionTask) -> datetime | None:
    is_news = ctx.now - task.created_at <= _NEWS
    return ctx.now if is_news and may_leave(ctx, task) else None


def _react(said: Said, ctx: Context, connection: Connection, found: Sequence[Announcement]) -> None:
    def body(row: Row[Any], _envelope: object) -> str:
        return json.dumps(said(ctx.services, row), ensure_ascii=False)

    react(ctx, connection, found, body)


SLACK = Kind(
    name="slack",
    label=_("Slack"),
    group="chat",
    values=(
        Value(
            "url", _("Address of the incoming webhook"), _("As the chat shows it for a channel."), secret=True
        ),
        replace(EVENTS, default=_USUAL),
    ),
    make=_make,
    check=_check,
    perform=_perform,
    wrong=_wrong,
    help=_("Add an incoming webhook for a channel there. Names and texts of customers are never told."),
    react=partial(_react, lines.slack),
    prepare=_prepare,
    tasks={DELIVER: _("message")},
)
MATTERMOST = replace(SLACK, name="mattermost", label=_("Mattermost"), react=partial(_react, lines.mattermost))
