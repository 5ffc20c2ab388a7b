"""Missing documentation is counted, and issues open by themselves, unseen by customers (T5, N8)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, text, update

from paidsupport.demo.users import db
from paidsupport.intake.gaps import queries as counted
from paidsupport.intake.gaps import rules
from paidsupport.intake.gaps.operations import documented, gaps, missing
from paidsupport.intake.gaps.operations.gaps import Choice
from paidsupport.intake.gaps.rules import Counts, Reason, TopicKind
from paidsupport.intake.gaps.tables import Asked, Gap, Topic
from paidsupport.intake.requests.tables import Pointer
from paidsupport.issues.tables import Issue
from paidsupport.kernel.actors import Actor
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.db import migrate
from paidsupport.kernel.errors import InvalidInputError, StaleTicketError, TransitionRefusedError
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.queries import pages
from paidsupport.tickets.tables import Ticket
from tests.intake.triage.test_triage import GUIDE, answered, asked, point
from tests.people import Desk

pytestmark = pytest.mark.row("T5")

#: The revision before there was anything of this.
BEFORE = "0010"
MANUAL = "https://example.com/manual?visitor=7#upload"
#: The titles of two guides that customers can read.
UPLOAD, TITLES = "Photos do not upload", "Changing title, colours and language"


def pointed(
    desk: Desk, question: str = "", slug: str = GUIDE, url: str = "", topic: int | None = None
) -> str:
    """A request whose customer was pointed to a page, the email sent; returns its code."""
    code = asked(desk)
    choice = Choice(str(topic) if topic else "", question)
    with desk.ctx(desk.ada) as ctx:
        ticket = tickets.lock(ctx.session, code)
        page = documented.chosen(ctx, "" if url else slug, url)
        body = documented.draft(ctx, ticket, page).body
        email = Draft(body, ticket.claim_number, ticket.thread, new_key())
        documented.point(ctx, code, page, email, version=ticket.version, question=choice)
    desk.work()
    return code


def unhappy(desk: Desk, question: str = "") -> str:
    """The same, and it did not help."""
    code = pointed(desk, question)
    answered(desk, code, "not-helped", "It says nothing of the panel that I have.")
    return code


def undocumented(desk: Desk, code: str, question: str, by: Actor | None = None, key: str = "") -> Ticket:
    """Nothing answers it."""
    with desk.ctx(by or desk.ada) as ctx:
        version = tickets.lock(ctx.session, code).version
        return gaps.undocumented(ctx, code, Choice(naming=question), version=version, key=key or new_key())


def opened(desk: Desk) -> list[tuple[str, str]]:
    """Reason and summary of every issue that opened by itself, oldest first."""
    wanted = select(Gap.reason, Issue.summary).join(Issue, Issue.id == Gap.issue_id).order_by(Gap.id)
    with desk.ctx() as ctx:
        return [(reason, summary) for reason, summary in ctx.session.execute(wanted)]


def codes(desk: Desk) -> list[str]:
    """The codes of these issues."""
    with desk.ctx() as ctx:
        return list(ctx.session.scalars(select(Gap.issue_code).order_by(Gap.id)))


def counts_towards(desk: Desk, code: str) -> list[str]:
    """The issues that a request counts towards, as its page says."""
    with desk.ctx(desk.ada) as ctx:
        return [gap.issue_code for gap in pages.for_desk(ctx, code).gaps]


def end(desk: Desk, code: str, *, again: bool = False) -> None:
    """Its documentation issue is dismissed by a manager, or is opened `again` by a developer."""
    if again:
        desk.issue_move(code, "reopen", desk.ada, note="It still does not help.")
    else:
        desk.issue_move(code, "dismiss", desk.mia, reason="other", note="The page was improved.")


def test_a_page_that_did_not_help_opens_one_issue(desk: Desk) -> None:
    """From the second on; those that follow count towards the same one."""
    first = unhappy(desk)
    desk.work()
    assert opened(desk) == []
    second = unhappy(desk)
    desk.work()
    assert opened(desk) == [("unhappy", f"“{UPLOAD}” doesn't help customers who are pointed to it")]
    [issue] = codes(desk)
    third = unhappy(desk)
    for _ in range(3):
        desk.work()
    assert codes(desk) == [issue]
    assert [counts_towards(desk, code) for code in (first, second, third)] == [[issue]] * 3
    assert desk.broken() == {}


def test_who_says_no_twice_is_one_request(lite_desk: Desk) -> None:
    """Pointed to the same page again, no again: it takes another request to reach two."""
    code = unhappy(lite_desk)
    point(lite_desk, code, lite_desk.ada)
    lite_desk.work()
    answered(lite_desk, code, "not-helped", "Still not.")
    lite_desk.work()
    assert opened(lite_desk) == []


def test_a_question_that_keeps_coming_opens_an_issue(desk: Desk) -> None:
    """Although every page helped: however it is spelled, and on whatever page. It is one issue, not two."""
    names = ("How are albums moved?", "how are ALBUMS moved", "", "How are albums moved?")
    known = 0
    for number, name in enumerate((*names, "How are albums moved")):
        code = pointed(desk, name, topic=None if name else known, url=MANUAL if number % 2 else "")
        answered(desk, code, "helped")
        with desk.ctx() as ctx:
            known = ctx.session.scalars(select(Topic.id).where(Topic.kind == "question")).one()
        desk.work()
        assert len(opened(desk)) == (number == 4)
    assert opened(desk) == [("repeated", "“How are albums moved?” is asked again and again")]
    with desk.ctx() as ctx:
        issue = ctx.session.scalars(select(Issue)).one()
    assert issue.kind == "documentation"
    assert "5 requests in 90 days: 4 helped, 0 not helped" in issue.details
    # what is about one visitor of a page stands nowhere
    assert "- https://example.com/manual\n" in issue.details + "\n"
    assert "visitor" not in issue.details
    assert desk.broken() == {}


def test_what_no_page_answers_opens_an_issue_at_once(desk: Desk) -> None:
    """With the name of the question; the person who says so owns the request, and the history records it."""
    code = asked(desk)
    with pytest.raises(InvalidInputError) as refused:
        undocumented(desk, code, " ")
    assert list(refused.value.problems) == ["naming"]
    ticket = undocumented(desk, code, "Can albums be sold?")
    assert (ticket.state, ticket.owner_id) == ("triage", desk.ada.id)
    assert desk.happened(code)[-2:] == ["claim", "undocumented"]
    desk.work()
    assert opened(desk) == [("nowhere", "No page answers “Can albums be sold?”")]
    assert counts_towards(desk, code) == codes(desk)
    with pytest.raises(TransitionRefusedError):
        undocumented(desk, code, "Can albums be sold?", desk.ben)
    assert desk.broken() == {}


def test_saying_so_twice_is_one_deed_and_the_slower_one_is_told(lite_desk: Desk) -> None:
    """The same form again does nothing; a colleague who saw it free is told who has it."""
    code = asked(lite_desk)
    seen = lite_desk.ticket(code).version
    key = new_key()
    choice = Choice(naming="Can albums be sold?")
    for _ in range(2):
        with lite_desk.ctx(lite_desk.ada) as ctx:
            gaps.undocumented(ctx, code, choice, version=seen, key=key)
    with lite_desk.ctx() as ctx:
        assert ctx.session.scalar(select(func.count()).select_from(Asked)) == 1
    with lite_desk.ctx(lite_desk.ben) as ctx, pytest.raises(StaleTicketError):
        gaps.undocumented(ctx, code, choice, version=seen, key=new_key())


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("What does Jane want?", "naming"),
        ("Is jane@example.com right?", "naming"),
        ("Call +49 30 1234567?", "naming"),
        ("https://gallery.example.com broken", "naming"),
        ("???", "naming"),
        ("x" * 121, "naming"),
    ],
)
def test_the_name_of_a_question_names_nobody(lite_desk: Desk, typed: str, field: str) -> None:
    """Nor is it without any word; nothing was done then."""
    code = asked(lite_desk)
    with pytest.raises(InvalidInputError) as refused:
        undocumented(lite_desk, code, typed)
    assert list(refused.value.problems) == [field]
    assert lite_desk.ticket(code).owner_id is None


@pytest.mark.parametrize("topic", ["0", "999999", "9" * 30, "x", "²", "page"])
def test_a_question_that_is_none_is_refused(lite_desk: Desk, topic: str) -> None:
    """Also a page."""
    code = unhappy(lite_desk)
    with lite_desk.ctx() as ctx:
        page = ctx.session.scalars(select(Topic.id)).one()
    choice = Choice(str(page) if topic == "page" else topic)
    version = lite_desk.ticket(code).version
    with lite_desk.ctx(lite_desk.ada) as ctx, pytest.raises(InvalidInputError) as refused:
        gaps.undocumented(ctx, code, choice, version=version, key=new_key())
    assert list(refused.value.problems) == ["question"]


def test_nobody_is_pointed_to_the_private_page_of_a_customer(lite_desk: Desk) -> None:
    """Its address would stand in an issue."""
    with lite_desk.ctx() as ctx:
        services = ctx.services
        settings = replace(services.settings, base_url="https://desk.example.org")
        away = replace(ctx, services=replace(services, settings=settings))
        assert documented.chosen(away, "", "https://desk.example.org/support/help/x").url
        with pytest.raises(InvalidInputError) as refused:
            documented.chosen(away, "", "https://desk.example.org/support/t/abc")
    assert list(refused.value.problems) == ["url"]


def test_after_its_end_the_count_starts_anew(desk: Desk) -> None:
    """A new issue opens only for what came after, and names the one before; opened again, it counts on."""
    for _ in range(2):
        unhappy(desk)
    desk.work()
    [first] = codes(desk)
    late = unhappy(desk)
    desk.clock.forward(hours=1)
    end(desk, first)
    desk.work()
    # it was said before the end
    assert counts_towards(desk, late) == [first]
    desk.clock.forward(hours=1)
    after = unhappy(desk)
    desk.work()
    assert (codes(desk), counts_towards(desk, after)) == ([first], [])
    end(desk, first, again=True)
    desk.work()
    desk.clock.forward(hours=1)
    more = unhappy(desk)
    desk.work()
    assert (codes(desk), counts_towards(desk, more)) == ([first], [first])
    desk.clock.forward(hours=1)
    end(desk, first)
    desk.work()
    for _ in range(2):
        desk.clock.forward(hours=1)
        unhappy(desk)
    desk.work()
    assert len(codes(desk)) == 2
    with desk.ctx() as ctx:
        newest = ctx.session.scalars(select(Issue).order_by(Issue.id.desc()).limit(1)).one()
    assert f"{first} was about this before" in newest.details
    # two issues about one page are not both counted on
    end(desk, first, again=True)
    desk.work()
    assert len(codes(desk)) == 2
    assert desk.broken() == {}


def test_a_new_issue_does_not_name_a_private_one(lite_desk: Desk) -> None:
    """People who may not see the earlier issue do not learn of it."""
    desk = lite_desk
    for _ in range(2):
        unhappy(desk)
    desk.work()
    [first] = codes(desk)
    desk.change_issue(first, private=True)
    end(desk, first)
    desk.work()
    for _ in range(2):
        desk.clock.forward(hours=1)
        unhappy(desk)
    desk.work()
    assert len(codes(desk)) == 2
    assert first not in desk.issue(codes(desk)[1]).details


def test_what_is_long_ago_does_not_count(lite_desk: Desk) -> None:
    """One in January and one in June are no two."""
    unhappy(lite_desk)
    lite_desk.clock.forward(days=91)
    unhappy(lite_desk)
    lite_desk.work()
    assert opened(lite_desk) == []


def test_of_many_workers_one_opens_the_issue(desk: Desk) -> None:
    """Each of them found it due; the page and the question of the same requests are one issue as well."""
    for _ in range(3):
        unhappy(desk, "How are albums moved?")
    with desk.ctx() as ctx:
        ctx.session.execute(update(Asked).values(gap_id=None))
        ctx.session.query(Gap).delete()
        topics = list(missing.due(ctx))
    assert len(topics) == 2
    barrier = threading.Barrier(8)

    def tend(number: int) -> str:
        barrier.wait(120)
        with desk.ctx() as ctx:
            return missing.tend(ctx, topics[number % 2])

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(tend, range(8)))
    assert done.count("opened") == 1, done
    assert len(codes(desk)) == 1
    with desk.ctx() as ctx:
        assert list(missing.due(ctx)) == []
    assert desk.broken() == {}


def test_of_many_who_name_a_question_at_once_all_name_the_same(desk: Desk) -> None:
    """No matter who begins it."""
    requests = [asked(desk, f"Number {number}.") for number in range(6)]
    barrier = threading.Barrier(6)

    def name(code: str) -> None:
        barrier.wait(120)
        undocumented(desk, code, "Can albums be sold?")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(name, requests))
    desk.work()
    assert opened(desk) == [("nowhere", "No page answers “Can albums be sold?”")]
    assert {tuple(counts_towards(desk, code)) for code in requests} == {tuple(codes(desk))}
    assert desk.broken() == {}


def test_the_customer_hears_nothing_of_it(lite_desk: Desk) -> None:
    """No code of an issue is on their page or in any mail, nor is anything told them when it ends."""
    mails: list[str] = []
    requests = [unhappy(lite_desk), unhappy(lite_desk), asked(lite_desk)]
    undocumented(lite_desk, requests[2], "Can albums be sold?")
    lite_desk.work()
    issues = codes(lite_desk)
    assert len(issues) == 2
    lite_desk.clock.forward(hours=1)
    for issue in issues:
        end(lite_desk, issue)
    lite_desk.work()
    for code in requests:
        lite_desk.write(code, lite_desk.ada, "We have written it down for you.")
    lite_desk.work()
    mails = [
        mail.get_body(("plain",)).get_content() + str(mail["Subject"])  # type: ignore[union-attr]
        for mail in lite_desk.transport.sent
        if "jane@example.com" in str(mail["To"])
    ]
    assert len(mails) > 5
    customer = lite_desk.app.test_client()
    shown = [customer.get(f"/support/t/{lite_desk.token(code)}").text for code in requests]
    for said in (*mails, *shown):
        assert "IS-" not in said
        assert not any(issue in said for issue in issues)


def test_an_issue_holds_nothing_of_customers(lite_desk: Desk) -> None:
    """Neither names, nor addresses, nor words of theirs, nor the codes of their tickets."""
    requests = [unhappy(lite_desk), unhappy(lite_desk)]
    lite_desk.work()
    with lite_desk.ctx() as ctx:
        issue = ctx.session.scalars(select(Issue)).one()
    told = f"{issue.summary} {issue.details}"
    for personal in ("Jane", "jane@example.com", "the panel that I have", *requests):
        assert personal not in told


@pytest.mark.row("N8")
def test_what_is_missing_is_counted(lite_desk: Desk) -> None:
    """Pages and questions with asked, helped, not helped, silent, share, weeks, issue; by need."""
    silent = pointed(lite_desk, slug="title-colours-and-language")
    lite_desk.clock.forward(days=15)
    for answer in ("helped", "helped", "not-helped"):
        code = pointed(lite_desk, "How are albums moved?")
        answered(lite_desk, code, answer)
    undocumented(lite_desk, asked(lite_desk), "Can albums be sold?")
    lite_desk.work()
    with lite_desk.ctx(lite_desk.ada) as ctx:
        found = gaps.overview(ctx)
    questions, guides = found[TopicKind.QUESTION], found[TopicKind.PAGE]
    assert [(line.name, line.counts) for line in questions] == [
        ("How are albums moved?", Counts(3, 2, 1, 0)),
        ("Can albums be sold?", Counts(1, 0, 0, 1)),
    ]
    assert [bool(line.issue) for line in questions] == [False, True]
    assert [(line.title, line.counts, line.silent) for line in guides] == [
        (UPLOAD, Counts(3, 2, 1, 0), 0),
        (TITLES, Counts(1, 0, 0, 0), 1),
    ]
    assert (guides[0].weeks[-1], guides[1].weeks[-3], sum(guides[1].weeks)) == (3, 1, 1)
    assert guides[0].counts.share == pytest.approx(1 / 3)
    assert guides[1].counts.share is None
    assert silent


def test_questions_are_proposed_by_their_words_and_by_the_page(lite_desk: Desk) -> None:
    """The likeliest first; where none fits, those that are asked most."""
    for name in ("How are albums moved?", "Why is upload slow?", "Why is upload slow?", "Which colours?"):
        pointed(lite_desk, name, slug="title-colours-and-language" if "colours" in name else GUIDE)
    with lite_desk.ctx() as ctx:
        page = documented.chosen(ctx, "title-colours-and-language", "")
        key = rules.page_key(page.url, page.guide_id)
        by_words = gaps.proposals(ctx, "My albums: can they be moved?")
        by_page = gaps.proposals(ctx, "Hello", key)
        most = gaps.proposals(ctx, "Hello")
    assert [one.name for one in by_words] == ["How are albums moved?"]
    assert [one.name for one in by_page] == ["Which colours?"]
    assert (most[0].name, most[0].counts.asked) == ("Why is upload slow?", 2)
    assert len(most) == 3


def test_thresholds() -> None:
    """Which reason comes first."""
    limits = {"unhappy": 2, "repeated": 5}
    assert rules.reason(Counts(4, 3, 1), **limits) is None
    assert rules.reason(Counts(9, 3, 2), **limits) is Reason.UNHAPPY
    assert rules.reason(Counts(5, 5), **limits) is Reason.REPEATED
    assert rules.reason(Counts(9, 3, 2, 1), **limits) is Reason.NOWHERE


def multiply(desk: Desk, code: str, number: int, *, fresh: int) -> None:
    """So many pointers of one ticket, `fresh` of them lately and the others long ago."""
    with desk.ctx() as ctx:
        session = ctx.session
        pointer = session.scalars(select(Pointer).limit(1)).one()
        row = session.scalars(select(Asked).limit(1)).one()
        topics = [
            {"kind": "page", "key": f"k{n}", "name": f"https://example.com/{n}", "created_at": ctx.now}
            for n in range(200)
        ]
        session.execute(insert(Topic), topics)
        ids = session.scalars(select(Topic.id).where(Topic.key.like("k%"))).all()
        ticket = tickets.lock(session, code)
        lines: list[dict[str, object]] = []
        for n in range(number):
            at = ctx.now - timedelta(days=1 + n % 80 if n < fresh else 100 + n % 900)
            lines.append(
                {
                    "topic_id": ids[n % len(ids)],
                    "ticket_id": ticket.id,
                    "answer": "nowhere",
                    "asked_at": at,
                    "counted_at": at,
                }
            )
        session.execute(insert(Asked), lines)
        session.execute(text("ANALYZE paidsupport_asked"))
        assert pointer.id
        assert row.id


@pytest.mark.row("N8")
@pytest.mark.parametrize("many", [20_000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_many_thousand_pointers_are_counted_by_their_indexes(desk: Desk, many: int) -> None:
    """Two queries for the page, and what is long ago is not read again."""
    code = unhappy(desk)
    multiply(desk, code, many, fresh=2_000)
    with desk.statements() as seen, desk.ctx(desk.ada) as ctx:
        found = gaps.overview(ctx)
        postgres = ctx.session.get_bind().dialect.name == "postgresql"
    assert len(seen) == 2, seen
    assert len(found[TopicKind.PAGE]) == counted.MOST
    explain = "EXPLAIN" if postgres else "EXPLAIN QUERY PLAN"
    plans: list[str] = []
    for column, value in (("counted_at", "now"), ("topic_id", "topic")):
        wanted = "counted_at >= :now" if column == "counted_at" else "topic_id = :topic AND gap_id IS NULL"
        with desk.ctx() as ctx:
            statement = text(f"{explain} SELECT topic_id, ticket_id FROM paidsupport_asked WHERE {wanted}")  # noqa: S608  # ours
            at: object = ctx.now - timedelta(days=90)
            at = at if postgres else str(at).partition("+")[0]
            values = {"now": at} if value == "now" else {"topic": 1}
            plans.append(str(ctx.session.execute(statement, values).all()))
    assert "ix_paidsupport_asked_counted_at_topic_id" in plans[0]
    assert "ix_paidsupport_asked_topic_id_gap_id_counted_at" in plans[1]


def test_the_doctor_misses_an_issue(lite_desk: Desk) -> None:
    """Of a topic over its threshold once a worker has had its round, and a row that says something else."""
    for _ in range(2):
        unhappy(lite_desk)
    lite_desk.work()
    with lite_desk.ctx() as ctx:
        ctx.session.execute(update(Asked).values(gap_id=None))
        ctx.session.query(Gap).delete()
    assert "missing documentation has issues" not in lite_desk.broken()
    lite_desk.clock.forward(minutes=6)
    assert len(lite_desk.broken()["missing documentation has issues"]) == 1
    with lite_desk.ctx() as ctx:
        row = ctx.session.scalars(select(Asked).limit(1)).one()
        row.answer = "helped"
    assert len(lite_desk.broken()["pointers are counted"]) == 1
    with lite_desk.ctx() as ctx:
        ctx.session.query(Asked).delete()
    assert len(lite_desk.broken()["pointers are counted"]) == 2


def test_what_was_pointed_to_before_is_counted_too(desk: Desk) -> None:
    """The upgrade counts it: as guides and as pages elsewhere, with the answers."""
    unhappy(desk)
    answered(desk, pointed(desk), "helped")
    pointed(desk, url=MANUAL)
    with desk.app.app_context():
        engine = db.engine
        migrate.downgrade(engine, BEFORE)
        migrate.upgrade(engine)
    with desk.ctx(desk.ada) as ctx:
        found = gaps.overview(ctx)[TopicKind.PAGE]
    assert [(line.title, line.name, line.counts) for line in found] == [
        (UPLOAD, found[0].name, Counts(2, 1, 1)),
        ("", "https://example.com/manual", Counts(1)),
    ]
    assert desk.broken() == {}
