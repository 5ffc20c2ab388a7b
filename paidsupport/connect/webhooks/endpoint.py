"""A receiver of webhooks: what is sent to it is signed with its own secret (P12)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from paidsupport.connect.connections.kinds import Done
from paidsupport.connect.connections.tables import ConnectionTask
from paidsupport.connect.outgoing import Line
from paidsupport.connect.webhooks import sentences
from paidsupport.connect.webhooks.posting import line_to, post
from paidsupport.connect.webhooks.signing import key_of, signed
from paidsupport.kernel.codes import new_reference
from paidsupport.kernel.configuration.values import Values
from paidsupport.kernel.mail.transports import NotSentError, UnclearError

#: The type of what the check sends.
PING = "test.ping"


class Endpoint:
    """Takes events.

    Args:
        line: The way to it.
        secret: Its secret.
        former: The one before, and until when it is still signed with that.
    """

    def __init__(self, line: Line, secret: str, former: tuple[str, datetime] | None = None) -> None:
        self._line = line
        self._key = key_of(secret) if secret else None
        self._former = (key_of(former[0]), former[1]) if former else None

    def post(self, id_: str, body: bytes, now: datetime) -> int:
        """Hand one over; returns the status. Raises NotSentError and UnclearError."""
        if self._key is None:
            raise NotSentError(sentences.UNSIGNED, permanent=False)
        keys = [self._key]
        if self._former and now < self._former[1]:
            keys.append(self._former[0])
        return post(self._line, signed(keys, id_, body, now), body, now)


def endpoint_of(values: Values) -> Endpoint:
    """The receiver that managers have entered."""
    former = None
    if values.get("former") and values.get("former_until"):
        former = values["former"], datetime.fromisoformat(values["former_until"])
    return Endpoint(line_to(values), values.get("secret", ""), former)


def perform(endpoint: Endpoint, task: ConnectionTask, now: datetime) -> Done:
    """Deliver an event; its body and id are the same at every attempt."""
    said = json.loads(task.body)
    return Done(status=endpoint.post(said.get("data", said)["id"], task.body.encode(), now))


def check(endpoint: Endpoint) -> str:
    """Send a test event."""
    now, id_ = datetime.now(UTC), new_reference()
    said = {"type": PING, "timestamp": now.isoformat(), "data": {"id": id_}}
    try:
        endpoint.post(id_, json.dumps(said).encode(), now)
    except (NotSentError, UnclearError) as error:
        return str(error)
    return ""
