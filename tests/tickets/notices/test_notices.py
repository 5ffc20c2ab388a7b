"""Who is told of what, once, by mail or in the page (P8)."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import insert, select, update

from paidsupport.kernel.actors import CLOCK, Actor
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import migrate
from paidsupport.kernel.db.configured import set_aside
from paidsupport.kernel.errors import InvalidInputError, NotFoundError
from paidsupport.kernel.staff.tables import Person
from paidsupport.kernel.worker import Worker
from paidsupport.testing import mount_of
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.notices.operations import digests, notices, watching
from paidsupport.tickets.notices.tables import Notice, Progress
from paidsupport.tickets.tables import Event, Ticket
from tests.people import Desk

pytestmark = pytest.mark.row("P8")


def told(desk: Desk, code: str, *kinds: str) -> list[tuple[str, str, str, str]]:
    """Who was told of what on a ticket, why and how; only of `kinds`, if some are named."""
    wanted = (
        select(Person.name, Notice.kind, Notice.concern, Notice.way)
        .join(Person, Person.id == Notice.person_id)
        .join(Ticket, Ticket.id == Notice.ticket_id)
        .where(Ticket.code == code)
        .order_by(Notice.number, Person.name)
    )
    with desk.ctx() as ctx:
        rows = [(name, kind, concern, way) for name, kind, concern, way in ctx.session.execute(wanted)]
    return [row for row in rows if not kinds or row[1] in kinds]


def prefer(desk: Desk, by: Actor, hour: int = 8, **ways: str) -> None:
    """Change a person's settings; concerns that are not named keep the default."""
    with desk.ctx(by) as ctx:
        said = digests.preference(ctx).said | ways
        digests.prefer(ctx, said, hour)


def mails(desk: Desk) -> list[tuple[str, str]]:
    """The mails to staff that leave now: to whom, and about what."""
    sent = [(str(mail["To"]), str(mail["Subject"])) for mail in desk.work()]
    return sorted((to.split("@")[0].split("<")[-1], about) for to, about in sent if "@example.org" in to)


def read(desk: Desk, by: Actor, code: str | None = None, until: int = 2**40) -> int:
    """Mark all of a person's notices as read, or those of one ticket."""
    with desk.ctx(by) as ctx:
        return notices.read(ctx, until=until, code=code)


def unread(desk: Desk, by: Actor) -> int:
    """The number of a person's unread notices."""
    wanted = select(Notice.id).where(Notice.person_id == by.id, Notice.read_at.is_(None))
    with desk.ctx() as ctx:
        return len(ctx.session.scalars(wanted).all())


def test_an_order_is_news_for_everybody_until_somebody_takes_it(desk: Desk) -> None:
    """On the page by default; people who want it get an email."""
    prefer(desk, desk.ben, unassigned="now")
    prefer(desk, desk.mia, unassigned="off")
    code = desk.order()
    assert mails(desk) == [("ben", f"[{code}] New order: Installation")]
    assert told(desk, code) == [
        ("Ada", "submitted", "unassigned", "page"),
        ("Ben", "submitted", "unassigned", "now"),
    ]
    assert unread(desk, desk.ben) == 1
    desk.claim(code, desk.ada)
    desk.work()
    assert unread(desk, desk.ben) == unread(desk, desk.ada) == 0
    # what a mail has told stays; what was only on the page is no news any more
    assert told(desk, code, "submitted") == [("Ben", "submitted", "unassigned", "now")]
    assert desk.broken() == {}


def test_what_waits_together_about_one_ticket_is_one_mail(desk: Desk) -> None:
    """With a line for each; nothing of what the customer typed is in it, and nothing comes twice."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    desk.receive(code, "Password: no-such-thing. Hello!")
    desk.annotate(code, desk.ben, "@ada, @Mia: look at this.")
    sent = [mail for mail in desk.work() if "ada" in mail["To"]]
    assert [mail["Subject"] for mail in sent] == [f"[{code}] 2 things have happened"]
    body = sent[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "- The customer wrote\n- Ben left an annotation, mentioning you\n" in body
    assert "Hello!" not in body
    assert "look at this" not in body
    assert sent[0]["Auto-Submitted"] == "auto-generated"
    assert desk.work() == []
    assert told(desk, code, "annotated") == [
        ("Ada", "annotated", "mention", "now"),
        ("Mia", "annotated", "mention", "now"),
    ]
    assert desk.broken() == {}


@pytest.mark.parametrize("way", ["digest", "page", "off"])
def test_who_wants_no_mail_at_once_gets_none(desk: Desk, way: str) -> None:
    """Of their own tickets neither; warnings about a claim come all the same, and are no second mail."""
    prefer(desk, desk.ada, mine=way, unassigned=way)
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.receive(code, "Hello?")
    assert mails(desk) == []
    assert bool(told(desk, code, "message-in")) == (way != "off")
    desk.clock.forward(hours=47)
    desk.work()
    desk.clock.forward(hours=2)
    assert [about for to, about in mails(desk) if to == "ada" and code in about] == [
        f"[{code}] Your claim has lapsed"
    ]


def test_moves_of_others_are_told_to_owners_old_and_new(desk: Desk) -> None:
    """A hand-over by a manager to both; the clock's release by its own email alone."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.work()
    desk.transition(code, "hand-over", desk.mia, colleague=desk.ben.id, note="Ada is away.")
    assert mails(desk) == [
        ("ada", f"[{code}] Mia handed it to a colleague"),
        ("ben", f"[{code}] Mia handed it to you"),
    ]
    desk.transition(code, "release", desk.ben, note="No time.")
    assert mails(desk) == []
    assert told(desk, code, "release") == [
        ("Ada", "release", "unassigned", "page"),
        ("Mia", "release", "unassigned", "page"),
    ]


def test_notes_of_moves_can_call_somebody(desk: Desk) -> None:
    """As annotations can; the history keeps who was called, and nothing that was typed."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.transition(code, "abandon", desk.ada, reason="backed-out", note="@Mia should know.")
    assert (
        "mia",
        f"[{code}] Ada abandoned it: The customer backed out (Pending → Abandoned), mentioning you",
    ) in [(to, about) for to, about in mails(desk)]
    with desk.ctx() as ctx:
        (data,) = ctx.session.scalars(select(Event.data).where(Event.kind == "abandon"))
    assert data["mentions"] == [desk.mia.id]
    assert "know" not in str(data)


def test_the_gone_are_told_nothing(desk: Desk) -> None:
    """People who have left the desk get neither notices nor waiting emails."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.work()
    desk.annotate(code, desk.ben, "@ada")
    with desk.ctx(CLOCK) as ctx, set_aside(ctx.session):
        notices.notice(ctx)
        ctx.session.execute(update(Person).where(Person.id == desk.ada.id).values(active=False))
    desk.receive(code, "Hello?")
    assert mails(desk) == []
    assert told(desk, code, "message-in") == []


def test_an_answer_reads_the_messages_that_it_answers(desk: Desk) -> None:
    """So the next message is told by mail again; annotations stay unread."""
    code = desk.order()
    desk.claim(code, desk.ada)
    desk.write(code, desk.ada)
    desk.work()
    desk.receive(code, "Yes.")
    desk.receive(code, "And one thing more.")
    desk.annotate(code, desk.ben)
    assert len(mails(desk)) == 1
    desk.receive(code, "Hello?")
    assert mails(desk) == []  # still the same that waits for an answer
    assert unread(desk, desk.ada) == 4
    desk.write(code, desk.ada, "Here I am.")
    desk.work()
    assert unread(desk, desk.ada) == 1
    desk.receive(code, "Thank you.")
    assert mails(desk) == [("ada", f"[{code}] The customer wrote")]


def test_marking_as_read_goes_as_far_as_the_page_did(desk: Desk) -> None:
    """And leaves those of others alone; read notices need no email. An unknown ticket is not found."""
    one, two = desk.order(), desk.order()
    desk.work()
    assert read(desk, desk.ada, one) == 1
    desk.order()
    with desk.ctx() as ctx:
        newest = max(ctx.session.scalars(select(Notice.id)))
    desk.work()
    assert read(desk, desk.ada, until=newest) == 1
    assert (unread(desk, desk.ada), unread(desk, desk.ben)) == (1, 3)
    assert read(desk, desk.ada, two) == 0
    with pytest.raises(NotFoundError):
        read(desk, desk.ada, "PS-2222-2222")


def test_a_wish_is_checked_and_is_ones_own(desk: Desk) -> None:
    """Unknown ways and hours are refused at their fields; programs and customers have no wishes."""
    with desk.ctx(desk.ada) as ctx:
        usual = digests.preference(ctx).said
        assert usual == {"mention": "now", "mine": "now", "watching": "page", "unassigned": "page"}
    with pytest.raises(InvalidInputError) as refused, desk.ctx(desk.ada) as ctx:
        digests.prefer(ctx, usual | {"mine": "loudly"}, 24)
    assert set(refused.value.problems) == {"mine", "digest_hour"}
    with pytest.raises(NotFoundError), desk.ctx() as ctx:
        digests.prefer(ctx, usual, 8)


def test_a_change_of_mind_holds_for_what_waits(desk: Desk) -> None:
    """What was made for a digest that is wanted no more stays on the page."""
    prefer(desk, desk.ada, unassigned="digest")
    code = desk.order()
    desk.work()
    prefer(desk, desk.ada, unassigned="off")
    assert told(desk, code)[0] == ("Ada", "submitted", "unassigned", "page")
    desk.clock.forward(days=1)
    assert mails(desk) == []


# the mail of the day


def test_a_digest_comes_once_a_day_with_what_is_not_read(desk: Desk) -> None:
    """At the hour that was chosen, by ticket; none when there is nothing to say."""
    prefer(desk, desk.ben, hour=10, unassigned="digest", watching="digest")
    one, two, three = desk.order(), desk.order(), desk.order()
    desk.work()
    read(desk, desk.ben, three)
    with desk.ctx(desk.ben) as ctx:
        watching.watch(ctx, one)
    desk.annotate(one, desk.ada)
    assert mails(desk) == []  # it is nine
    desk.clock.forward(hours=1)
    (digest,) = [mail for mail in desk.work() if "ben" in mail["To"]]
    assert digest["Subject"] == "[Gallery support] 3 things that concern you"
    assert "X-Paidsupport-Code" not in digest
    body = digest.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert body.count(one) == body.count(two) == 2
    assert three not in body
    assert "- The customer ordered it\n- Ada left an annotation\n" in body
    assert "gallery for our club" not in body
    assert [event for event in desk.happened(two) if event == "letter-sent"] == ["letter-sent"]
    desk.annotate(one, desk.ada)
    desk.clock.forward(hours=5)
    assert mails(desk) == []
    desk.clock.forward(hours=18)
    assert mails(desk) == []  # nine again
    desk.clock.forward(hours=1)
    assert mails(desk) == [("ben", "[Gallery support] 1 thing that concerns you")]
    desk.clock.forward(days=1)
    assert mails(desk) == []
    assert desk.broken() == {}


def together(desk: Desk, act: object, times: int = 4) -> list[bool]:
    """Let several workers do the same at once; what each of them says."""
    barrier, said = Barrier(times), []
    mount = mount_of(desk.app)

    def run() -> None:
        with desk.app.app_context():
            barrier.wait(120)
            with mount.database.writing() as session:
                said.append(act(Context(mount.services, session, CLOCK, mount.clock())))  # type: ignore[operator]

    threads = [Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return said


def test_of_many_workers_one_makes_notices_and_one_writes_each_mail(desk: Desk) -> None:
    """The notices of an event, a mail at once, and a digest, each by four workers."""
    prefer(desk, desk.ada, unassigned="now")
    prefer(desk, desk.ben, hour=9, unassigned="digest")
    desk.clock.forward(days=1)
    code = desk.order()
    assert len(together(desk, notices.notice)) == 4
    assert len(told(desk, code)) == 3
    with desk.ctx(CLOCK) as ctx:
        (first,) = notices.due(ctx)
        assert desk.ben.id in digests.due(ctx)
    assert sorted(together(desk, lambda ctx: notices.tend(ctx, first))) == [False, False, False, True]
    assert sorted(together(desk, lambda ctx: digests.tend(ctx, desk.ben.id or 0))) == [
        False,
        False,
        False,
        True,
    ]
    assert [about for _, about in mails(desk)] == [
        f"[{code}] New order: Installation",
        "[Gallery support] 1 thing that concerns you",
    ]
    assert desk.broken() == {}


# reading the histories


def progress(desk: Desk) -> tuple[int, list[list[int]]]:
    """How far the histories were read, and the ranges of ids that were not there."""
    with desk.ctx() as ctx:
        row = ctx.session.scalars(select(Progress)).one()
        return row.last_event, [gap[:2] for gap in row.gaps]


@pytest.mark.postgres
def test_an_event_with_a_lower_id_that_commits_later_is_not_lost(pg_desk: Desk) -> None:
    """However long its transaction takes; it is told once, in its turn."""
    slow, quick = pg_desk.order(), pg_desk.order()
    for code in (slow, quick):
        pg_desk.claim(code, pg_desk.ada)
    pg_desk.work()
    with pg_desk.ctx(pg_desk.ben) as ctx:
        annotation.annotate(ctx, slow, "Slow.", key="a")
        pg_desk.annotate(quick, pg_desk.ben)
        for _ in range(3):
            pg_desk.work()
        assert told(pg_desk, quick, "annotated") == [("Ada", "annotated", "mine", "now")]
        assert told(pg_desk, slow, "annotated") == []
        assert len(progress(pg_desk)[1]) == 1
    for _ in range(3):
        pg_desk.work()
    assert told(pg_desk, slow, "annotated") == [("Ada", "annotated", "mine", "now")]
    assert progress(pg_desk)[1] == []


@pytest.mark.postgres
def test_ids_that_were_given_back_are_waited_for_no_longer(pg_desk: Desk) -> None:
    """A failed transaction leaves a gap, which is forgotten once it can no longer be filled."""
    code = pg_desk.order()
    with pg_desk.ctx(pg_desk.ben) as ctx:
        annotation.annotate(ctx, code, "Lost.", key="a")
        ctx.session.rollback()
    pg_desk.annotate(code, pg_desk.ben)
    for _ in range(3):
        pg_desk.work()
    assert progress(pg_desk)[1] == []
    with pg_desk.ctx(CLOCK) as ctx, pg_desk.statements() as seen:
        assert not notices.is_behind(ctx)
    assert len(seen) <= 2


@pytest.mark.parametrize("many", [2_000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_what_was_before_is_told_to_nobody(desk: Desk, many: int) -> None:
    """An old database with many thousand events gets notices of what happens from then on."""
    from paidsupport.demo.users import db  # noqa: PLC0415  # the site's engine

    code = desk.order()
    with desk.app.app_context():
        migrate.downgrade(db.engine, "0003")
        with mount_of(desk.app).database.engine.begin() as connection:
            old = connection.execute(select(Event.__table__)).mappings().one()
            fresh = {name: value for name, value in old.items() if name not in {"id", "number", "key"}}
            lines = [fresh | {"number": 1000 + number} for number in range(many)]
            connection.execute(insert(Event.__table__), lines)  # type: ignore[arg-type]  # a table it is
        migrate.upgrade(db.engine)
    later = desk.order()
    assert mails(desk) == []
    assert told(desk, code) == []
    assert len(told(desk, later)) == 3


def test_notices_are_forgotten_after_a_while(desk: Desk) -> None:
    """Those that were read after a month, others after three."""
    one, two = desk.order(), desk.order()
    desk.work()
    read(desk, desk.ada, one)
    desk.clock.now += notices.KEPT + timedelta(minutes=1)
    desk.work()
    assert [name for name, *_ in told(desk, one)] == ["Ben", "Mia"]
    assert len(told(desk, two)) == 3
    desk.clock.now += notices.KEPT_UNREAD
    desk.work()
    assert told(desk, one) == told(desk, two) == []


def test_requests_make_no_notices_and_cost_nothing_more(desk: Desk) -> None:
    """A worker makes them; an operation does not even read their tables."""
    code = desk.order()
    with desk.statements() as seen:
        desk.claim(code, desk.ada)
        desk.receive(code, "Hello.")
        desk.annotate(code, desk.ben, "No name in it.")
    assert "paidsupport_notice" not in "".join(seen)


def test_a_worker_sends_letters_though_notices_fail(lite_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong there is logged and keeps nothing else from leaving."""
    lite_desk.order()
    mount = mount_of(lite_desk.app)
    worker = Worker(mount.services, mount.database, mount.transport, mount.clock)

    def fail(_ctx: Context) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(notices, "is_behind", fail)
    monkeypatch.setattr("paidsupport.kernel.worker.PAUSE", 0.01)
    with lite_desk.app.app_context():
        thread = Thread(target=worker.run)
        thread.start()
        try:
            for _ in range(6000):
                if lite_desk.transport.sent:
                    break
                thread.join(0.02)
        finally:
            worker._stop.set()  # what the command does on a signal
            thread.join(120)
    assert lite_desk.transport.sent
