"""Fill django-helpdesk's tables with the corpus: DJH_DATABASE=name python -m benchmarks.seed_djh 100000."""

import sys
from datetime import UTC, datetime
from itertools import islice

from benchmarks import site_djh  # noqa: F401  # configures Django, which its models want first

# isort: split

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from helpdesk.models import FollowUp, Queue, Ticket, UserSettings

from benchmarks.corpus import AGENTS, PASSWORD, agent_email, tickets

_BATCH = 5000


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _people() -> list[object]:
    hashed = make_password(PASSWORD)
    people = [
        get_user_model().objects.create(
            username=f"agent{number}",
            email=agent_email(number),
            password=hashed,
            is_staff=True,
            is_superuser=True,
        )
        for number in range(AGENTS)
    ]
    for person in people:
        UserSettings.objects.get_or_create(user=person)
    return people


def main(count: int) -> None:
    """Seed `count` tickets with two follow-ups each."""
    people = _people()
    queue = Queue.objects.create(
        title="Support", slug="support", allow_public_submission=True, email_address="support@example.org"
    )
    for name in ("created", "modified"):  # else every row would be stamped "now"
        field = Ticket._meta.get_field(name)  # noqa: SLF001 - Django's documented way
        field.auto_now = field.auto_now_add = False
    source = tickets(count)
    while chunk := list(islice(source, _BATCH)):
        rows = Ticket.objects.bulk_create(
            Ticket(
                title=ticket.title,
                description=ticket.body,
                queue=queue,
                submitter_email=ticket.email,
                created=_moment(ticket.created),
                modified=_moment(ticket.created),
                status=Ticket.CLOSED_STATUS if ticket.state == "closed" else Ticket.OPEN_STATUS,
                assigned_to=None if ticket.agent is None else people[ticket.agent],
            )
            for ticket in chunk
        )
        FollowUp.objects.bulk_create(
            FollowUp(
                ticket=row,
                date=_moment(ticket.created + 600 * (number + 1)),
                title="Comment",
                comment=note,
                public=True,
                user=people[ticket.agent or 0],
            )
            for row, ticket in zip(rows, chunk, strict=True)
            for number, note in enumerate(ticket.notes)
        )


if __name__ == "__main__":
    main(int(sys.argv[1]))
