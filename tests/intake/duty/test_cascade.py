"""Unclaimed tickets are escalated from person to person, and finally to the managers (T7)."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from paidsupport.intake.duty import operations as cascade
from paidsupport.intake.duty.tables import CascadeStep
from paidsupport.kernel.actors import CLOCK, Actor
from paidsupport.kernel.context import Context
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.operations import NewShift
from paidsupport.kernel.worker import Worker
from paidsupport.testing import mount_of
from paidsupport.tickets.queries import pages
from paidsupport.tickets.tables import Ticket
from tests import nursery
from tests.concurrency.processes import in_threads
from tests.people import Desk

pytestmark = pytest.mark.row("T7")

#: Somebody on duty all week.
ALL_WEEK = [str(day) for day in range(7)]


@pytest.fixture
def climbing(desk: Desk) -> Desk:
    """A desk whose paid tickets climb: first Ada, then Ben, then the managers, of whom there is Mia."""
    configure(desk)
    for position, person in enumerate((desk.ada, desk.ben), 1):
        on_duty(desk, person, str(position))
    return desk


def configure(desk: Desk, **changed: object) -> None:
    """Change settings of a desk that is there already."""
    with desk.ctx() as ctx:
        for name, value in {"cascade": "paid", **changed}.items():
            object.__setattr__(ctx.services.settings, name, value)  # they are frozen


def on_duty(desk: Desk, person: Actor, position: str) -> None:
    """Put a person on the roster for all days and nights."""
    with desk.ctx(desk.mia) as ctx:
        roster.add_shift(ctx, NewShift(str(person.id), ALL_WEEK, "", "00:00", "00:00", position))


def told(desk: Desk) -> list[tuple[str, str]]:
    """What a worker does now: to whom notices went, and what they said."""
    return [
        (str(mail["To"]).split(" <")[0].lower(), str(mail["Subject"]).split("] ")[1])
        for mail in desk.work()
        if "laimed" in str(mail["Subject"])
    ]


FIRST, LAST = "Not claimed yet", "No developer has claimed this"


def test_it_climbs_until_the_managers_know(climbing: Desk) -> None:
    """Another person every half hour, then all managers, then no one; the history names each of them."""
    code = climbing.order()
    climbing.clock.forward(minutes=29)
    assert told(climbing) == []
    climbing.clock.forward(minutes=1)
    assert told(climbing) == [("ada", FIRST)]
    climbing.clock.forward(minutes=29)
    assert told(climbing) == []
    climbing.clock.forward(minutes=1)
    assert told(climbing) == [("ben", FIRST)]
    climbing.clock.forward(minutes=30)
    assert told(climbing) == [("mia", LAST)]
    climbing.clock.forward(days=7)
    assert told(climbing) == []
    assert colleagues(climbing, code) == [climbing.ada.id, climbing.ben.id, climbing.mia.id]
    assert climbing.broken() == {}


def colleagues(desk: Desk, code: str) -> list[int | None]:
    """Who was told, as the history says."""
    with desk.ctx() as ctx:
        events = pages.history(ctx, desk.ticket(code))
        return [event.data["colleague"] for event in events if event.kind == "cascade"]


def test_the_letter_says_what_it_is_about_and_where(climbing: Desk) -> None:
    """The service, the summary as in the queue, since when, the page; nothing else of a customer."""
    code = climbing.order(details="Our gallery is gone.\nA second line for the developer alone.")
    climbing.work()
    climbing.clock.forward(minutes=30)
    [mail] = climbing.work()
    text = mail.get_body().get_content()  # type: ignore[union-attr]
    for said in (
        code,
        "Installation",
        "Our gallery is gone",
        "14 Mar 2034, 09:00 UTC",
        f"/desk/tickets/{code}",
    ):
        assert said in text
    for kept in ("second line", "Jane", "jane@", "gallery.example.com", "/t/"):
        assert kept not in mail.as_string()
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_summary_that_holds_a_password_is_masked(climbing: Desk) -> None:
    """A request that came another way than by the form may begin with one."""
    code = climbing.order()
    with climbing.ctx() as ctx:
        ctx.session.get_one(Ticket, climbing.ticket(code).id).summary = "Password: hunter2-x"
    climbing.work()
    climbing.clock.forward(minutes=30)
    [mail] = climbing.work()
    assert "hunter2" not in mail.as_string()


def test_a_claim_ends_it_and_a_release_begins_anew(climbing: Desk) -> None:
    """With the first on the roster, from the moment on at which it was open again."""
    code = climbing.order()
    climbing.clock.forward(minutes=30)
    assert told(climbing) == [("ada", FIRST)]
    climbing.claim(code, climbing.ben)
    climbing.clock.forward(minutes=90)
    assert told(climbing) == []
    climbing.transition(code, "release", climbing.ben)
    climbing.annotate(code, climbing.ada)
    climbing.clock.forward(minutes=29)
    assert told(climbing) == []
    climbing.clock.forward(minutes=1)
    assert told(climbing) == [("ada", FIRST)]
    climbing.clock.forward(minutes=30)
    assert told(climbing) == [("ben", FIRST)]
    assert climbing.broken() == {}


def test_an_end_ends_it_and_opening_again_begins_anew(climbing: Desk) -> None:
    """Also for a ticket that never had an owner."""
    code = climbing.order()
    climbing.transition(code, "reject", climbing.ada, reason="spam", note="Spam.")
    climbing.clock.forward(minutes=60)
    assert told(climbing) == []
    climbing.transition(code, "reopen", climbing.ada, note="No spam.")
    climbing.clock.forward(minutes=29)
    assert told(climbing) == []
    climbing.clock.forward(minutes=1)
    assert told(climbing) == [("ada", FIRST)]


def test_only_working_minutes_count(climbing: Desk) -> None:
    """What comes in on Friday evening is reported on Monday morning; no one is notified at night."""
    climbing.clock.now = datetime(2034, 3, 17, 16, 50, tzinfo=UTC)
    climbing.order()
    climbing.clock.now = datetime(2034, 3, 17, 18, 0, tzinfo=UTC)
    assert told(climbing) == []
    climbing.clock.now = datetime(2034, 3, 18, 12, 0, tzinfo=UTC)
    assert told(climbing) == []
    climbing.clock.now = datetime(2034, 3, 20, 9, 19, tzinfo=UTC)
    assert told(climbing) == []
    climbing.clock.now = datetime(2034, 3, 20, 9, 20, tzinfo=UTC)
    assert told(climbing) == [("ada", FIRST)]


def test_what_is_due_while_no_worker_runs_waits_for_the_morning(climbing: Desk) -> None:
    """A worker that comes back at night wakes no one, and goes on one step at a time."""
    climbing.order()
    climbing.clock.now = datetime(2034, 3, 14, 23, 0, tzinfo=UTC)
    assert told(climbing) == []
    climbing.clock.now = datetime(2034, 3, 15, 9, 0, tzinfo=UTC)
    assert told(climbing) == [("ada", FIRST)]
    assert told(climbing) == []


def test_the_roster_of_the_moment_counts(climbing: Desk) -> None:
    """People are not notified twice when the order changes; when no one is left, the managers are."""
    climbing.order()
    climbing.clock.forward(minutes=30)
    assert told(climbing) == [("ada", FIRST)]
    with climbing.ctx(climbing.mia) as ctx:
        for line in roster.overview(ctx).week:
            roster.remove_shift(ctx, line.id)
    on_duty(climbing, climbing.ada, "2")
    climbing.clock.forward(minutes=30)
    assert told(climbing) == [("mia", LAST)]
    assert climbing.broken() == {}


def test_other_workflows_do_not_climb(desk: Desk) -> None:
    """Paid tickets are seen in the queue; by default only requests climb."""
    desk.order()
    desk.clock.forward(minutes=120)
    assert told(desk) == []
    configure(desk, cascade=" sales , paid ")
    assert told(desk) == [("mia", LAST)]
    configure(desk, cascade="")
    desk.order()
    desk.clock.forward(minutes=120)
    assert told(desk) == []


def test_two_workers_tell_nobody_twice(climbing: Desk) -> None:
    """Of eight workers that check at the same moment, one notifies."""
    code = climbing.order()
    climbing.clock.forward(minutes=30)
    mount = mount_of(climbing.app)

    def look(_: int) -> None:
        with mount.database.writing() as session:
            cascade.tend(Context(mount.services, session, CLOCK, mount.clock()), ticket_id)

    ticket_id = climbing.ticket(code).id
    in_threads(look, 8)
    assert told(climbing) == [("ada", FIRST)]
    with climbing.ctx() as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(CascadeStep)) == 1


def test_a_claim_at_the_same_moment_is_told_or_not(climbing: Desk) -> None:
    """The later of the two sees what the earlier one did; the claim never fails."""
    codes = [climbing.order() for _ in range(5)]
    climbing.clock.forward(minutes=30)
    mount = mount_of(climbing.app)

    def act(number: int) -> None:
        if number % 2:
            climbing.claim(codes[number // 2], climbing.ben)
        else:
            with climbing.app.app_context():
                Worker(mount.services, mount.database, mount.transport, mount.clock).round()

    in_threads(act, 10)
    assert {climbing.ticket(code).part for code in codes} == {"pending"}
    assert climbing.broken() == {}
    climbing.clock.forward(minutes=60)
    told(climbing)
    for code in codes:
        kinds = climbing.happened(code)
        assert "cascade" not in kinds[kinds.index("claim") :]
        assert kinds.count("cascade") <= 1


def test_a_claim_costs_no_query_more(climbing: Desk) -> None:
    """The claim knows nothing of the cascade it ends; an order neither."""
    code = climbing.order()
    climbing.clock.forward(minutes=30)
    told(climbing)
    with climbing.statements() as seen:
        climbing.claim(code, climbing.ada)
        climbing.order()
    assert not [statement for statement in seen if "cascade" in statement or "shift" in statement]


_KILLED = """
import sys
from paidsupport.tickets.operations import history
from paidsupport.demo import create_app
from paidsupport.testing import Clock
from paidsupport.testing import mount_of
from datetime import datetime

# dies between the letters and the commit
def dying(ctx, ticket, lines):
    import os, signal
    ctx.session.flush()
    os.kill(os.getpid(), signal.SIGKILL)
history.tell_all = dying

app = create_app()
mount = mount_of(app)
mount.clock = Clock(datetime.fromisoformat(sys.argv[1]))
with app.app_context():
    from paidsupport.kernel.worker import Worker
    Worker(mount.services, mount.database, mount.transport, mount.clock).round()
"""


def test_a_worker_killed_in_the_middle_has_told_nobody_and_the_next_one_does(climbing: Desk) -> None:
    """SIGKILL after the emails are written and before the commit."""
    climbing.order()
    climbing.work()
    climbing.clock.forward(minutes=30)
    config = climbing.app.config
    environment = os.environ | {
        "FLASK_SQLALCHEMY_DATABASE_URI": config["SQLALCHEMY_DATABASE_URI"],
        "FLASK_SECRET_KEY": config["SECRET_KEY"],
        "FLASK_PAIDSUPPORT_FILES": config["PAIDSUPPORT_FILES"],
        "FLASK_PAIDSUPPORT_RELAXED_DURABILITY": "true",
        "FLASK_PAIDSUPPORT_CASCADE": "paid",
    }
    moment = climbing.clock.now.isoformat()
    ended, said = nursery.run(moment, code=_KILLED, env=environment, timeout=60)
    assert ended == -signal.SIGKILL, said
    assert told(climbing) == [("ada", FIRST)]
    assert climbing.broken() == {}


def test_many_wait_and_the_oldest_come_first(climbing: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run of the clock handles some, the next runs the rest, and none is left out."""
    monkeypatch.setattr("paidsupport.intake.duty.queries.ROUND", 2)
    codes = []
    for _ in range(5):
        codes.append(climbing.order())
        climbing.clock.forward(minutes=1)
    climbing.clock.forward(minutes=30)
    with climbing.ctx() as ctx:
        first = cascade.due(ctx)
    assert first == [climbing.ticket(code).id for code in codes[:2]]
    assert [len(told(climbing)) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.parametrize("twin", ["step", "person_id"])
def test_the_database_itself_refuses_a_second_time(climbing: Desk, twin: str) -> None:
    """The same step, the same person, or the managers twice: whatever the code above it believes."""
    climbing.order()
    for _ in range(3):
        climbing.clock.forward(minutes=30)
        told(climbing)
    for number in (1, 3):
        with climbing.ctx() as ctx:
            row = ctx.session.scalars(select(CascadeStep).where(CascadeStep.step == number)).one()
            other = {"step": 9, "person_id": climbing.mia.id} | {twin: getattr(row, twin)}
            again = insert(CascadeStep).values(ticket_id=row.ticket_id, round=row.round, at=row.at, **other)
            with pytest.raises(IntegrityError):
                ctx.session.execute(again)
            ctx.session.rollback()
