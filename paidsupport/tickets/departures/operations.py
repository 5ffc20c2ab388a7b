"""The journal of what has left the desk. It is kept with the files, so it survives a restored database.

It has a line before an email leaves and one after; requests to the webhook and news of issues have only
the latter. It holds codes and random names of ours, and no personal data.
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
    """How far something got on its way."""

    LEAVING = "leaving"
    LEFT = "left"
    #: It certainly did not leave.
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Departure:
    """What the journal knows about one email or request: how far it got, and its facts."""

    step: Step
    at: datetime
    facts: Mapping[str, str]


def log(files: FileStore, names: list[str], step: Step, at: datetime, facts: Mapping[str, str]) -> None:
    """Add a line for what is about to leave under these names. Raises StorageFullError."""
    line = {"names": names, "step": step, "at": at.isoformat(), **facts}
    files.log(STREAM, json.dumps(line, separators=(",", ":")))


def log_end(
    files: FileStore, names: list[str], step: Step, at: datetime, facts: Mapping[str, str] | None = None
) -> None:
    """Add a line for what has ended; without it, a person has to decide after a restore."""
    with suppress(StorageFullError):
        log(files, names, step, at, facts or {})


def known(files: FileStore) -> dict[str, Departure]:
    """Everything in the journal by name. What left once counts as left, whatever was written later."""
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
    """The journal's name for an email."""
    return f"letter:{email.reference}"


def of_delivery(reference: str) -> str:
    """The journal's name for a request to the webhook."""
    return f"delivery:{reference}"


def of_news(issue: str, number: int, person_id: int) -> str:
    """The journal's name for one line of an email with news: the issue's code, event number, recipient."""
    return f"news:{issue}:{number}:{person_id}"


def facts_of(services: Services, email: Email, ticket: Ticket) -> dict[str, str]:
    """What the journal records about an email besides its name."""
    return {
        "ticket": ticket.code,
        "kind": email.kind,
        "audience": email.audience,
        "who": who(services, email),
    }


def who(services: Services, email: Email) -> str:
    """The recipient: a keyed hash of a staff member's address; empty for customers, whom the ticket names."""
    return staff(services, email.to_address) if email.audience == "person" else ""


def staff(services: Services, address: str) -> str:
    """A member of staff as the journal names them."""
    return services.links.hide("departure", address)
