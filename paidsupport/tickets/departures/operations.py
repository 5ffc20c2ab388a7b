"""What has left the desk, in a journal beside the files: a restored database does not know it any more.

Written before an email goes out, and when it has; of requests to the webhook and news of issues, when they
have. It holds codes and random names of ours, and nothing about anybody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from paidsupport.kernel.context import Services
from paidsupport.kernel.errors import StorageFullError
from paidsupport.kernel.files import FileStore
from paidsupport.tickets.emails.tables import Email
from paidsupport.tickets.tables import Ticket

#: The name of the journal.
STREAM = "sent"


class Step(StrEnum):
    """How far something came."""

    LEAVING = "leaving"
    LEFT = "left"
    #: It certainly did not leave.
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Departure:
    """What the journal tells of one email or request: how far it came, and what is known of it."""

    step: Step
    at: datetime
    facts: Mapping[str, str]


def log(files: FileStore, names: list[str], step: Step, at: datetime, facts: Mapping[str, str]) -> None:
    """Write a line for what goes out at once under these names. Raises StorageFullError."""
    line = {"names": names, "step": step, "at": at.isoformat(), **facts}
    files.log(STREAM, json.dumps(line, separators=(",", ":")))


def log_end(
    files: FileStore, names: list[str], step: Step, at: datetime, facts: Mapping[str, str] | None = None
) -> None:
    """The same of what is over; without that line a person decides after a restore."""
    with suppress(StorageFullError):
        log(files, names, step, at, facts or {})


def known(files: FileStore) -> dict[str, Departure]:
    """Everything that the journal tells of, by its name; what left once has left, whatever came later."""
    found: dict[str, Departure] = {}
    lines = sorted(map(json.loads, files.logged(STREAM)), key=lambda said: str(said["at"]))
    for said in lines:
        facts = {key: value for key, value in said.items() if key not in {"names", "step", "at"}}
        departure = Departure(Step(said["step"]), datetime.fromisoformat(said["at"]), facts)
        for name in said["names"]:
            if name not in found or found[name].step is not Step.LEFT:
                found[name] = departure
    return found


def of_email(email: Email) -> str:
    """The name of an email."""
    return f"letter:{email.reference}"


def of_delivery(reference: str) -> str:
    """The name of a request to the webhook."""
    return f"delivery:{reference}"


def of_news(issue: str, number: int, person_id: int) -> str:
    """The name of one line of an email with news of issues: the issue's code, its event's number, whom to."""
    return f"news:{issue}:{number}:{person_id}"


def facts_of(services: Services, email: Email, ticket: Ticket) -> dict[str, str]:
    """What the journal says of an email beside its name."""
    return {
        "ticket": ticket.code,
        "kind": email.kind,
        "audience": email.audience,
        "who": who(services, email),
    }


def who(services: Services, email: Email) -> str:
    """A member of staff under a keyed hash of their address; customers are known by their ticket."""
    return staff(services, email.to_address) if email.audience == "person" else ""


def staff(services: Services, address: str) -> str:
    """A member of staff as the journal names them."""
    return services.links.hide("departure", address)
