"""Everything a fresh demonstration needs: tables, people, catalogue, guides, and tickets in every state.

Tickets come into being through the same verbs as real ones, at moments of the last weeks.
"""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from itertools import cycle, islice

import click
from sqlalchemy import func, select, text

from paidsupport.desk import (
    annotation,
    catalogue,
    catalogue_file,
    checklists,
    claims,
    correspondence,
    decisions,
    documented,
    guides,
    moves,
    people,
    report,
    roster,
    submissions,
    vault,
    worklog,
)
from paidsupport.desk.checklists import Tick
from paidsupport.desk.correspondence import Draft
from paidsupport.desk.decisions import Ask
from paidsupport.desk.moves import Filled
from paidsupport.desk.roster import NewShift
from paidsupport.desk.submissions import Order
from paidsupport.desk.vault import Credential
from paidsupport.desk.visit import Visit
from paidsupport.desk.worklog import Stretch
from paidsupport.domain.actors import CUSTOMER, Actor, Role
from paidsupport.domain.codes import new_key
from paidsupport.jobs import Worker
from paidsupport.mail.transports import KeepTransport
from paidsupport.mount import current
from paidsupport.site import demo_issues
from paidsupport.site.acting import acting
from paidsupport.site.users import User, db, ensure
from paidsupport.store import migrate, tickets
from paidsupport.store.people import Person
from paidsupport.store.roster import Shift
from paidsupport.store.tickets import Ticket

#: The people of the demonstration: address, name, role. Their password is `demo`.
PEOPLE = (
    ("ada@example.org", "Ada", "developer"),
    ("ben@example.org", "Ben", "developer"),
    ("mia@example.org", "Mia", "manager"),
)
PASSWORD = "demo"  # noqa: S105  # told to everybody on the home page

_CUSTOMERS = (
    ("Noor Haddad", "noor@example.com", "https://photos.haddad.example", "SSH, no root"),
    ("Jürgen Weiß", "juergen@example.net", "https://galerie.weiss.example", "FTP and phpMyAdmin"),
    ("Chidi Okafor", "chidi@example.com", "https://okafor.example/album", "SSH with root"),
    ("María José García", "mj@example.net", "https://fotos.garcia.example", "cPanel"),
    ("Li Wei", "liwei@example.com", "https://pictures.liwei.example", "SSH, no root"),
    ("Anna Kowalska", "anna@example.net", "https://kowalska.example/galeria", "Plesk"),
)
_REQUESTS: tuple[tuple[str, dict[str, list[str]], str], ...] = (
    (
        "installation",
        {"php": ["8.2"], "database": ["MySQL or MariaDB"], "features": ["Slideshow", "E-cards"]},
        "A gallery for our climbing club, about 4,000 photos. We have never installed one before.",
    ),
    (
        "upgrade",
        {"from_version": ["1.5.4"], "albums": ["310"], "disk": ["yes"]},
        "The old gallery stopped working after the provider moved to a new PHP.",
    ),
    (
        "customization",
        {"wish": ["Show the shooting date under each photo,\nand sort albums by it."], "theme": ["Matrix"]},
        "We would like the same look as our main site.",
    ),
    (
        "installation",
        {"php": ["I do not know"], "database": ["I do not know"]},
        "I only have access to the panel of my provider.",
    ),
)


_QUESTIONS = (
    (
        "Tomás Rojas",
        "tomas@example.com",
        "Every upload ends with an error.\nSmall photos work, large ones do not.",
    ),
    ("Ingrid Dahl", "ingrid@example.net", "Where do I change the title of my gallery?"),
    ("Ama Mensah", "ama@example.com", "The slideshow shows nothing but a black page since yesterday."),
)


@click.command("demo")
@click.option("--tickets", "number", default=12, help="Tickets to have at least.")
def command(number: int) -> None:
    """Prepare the demonstration: tables, people, catalogue, guides, tickets. Does nothing twice."""
    prepare(number)
    click.echo("The demonstration is ready: sign in as ada@example.org, password demo.")


def prepare(number: int = 12) -> None:
    """Bring everything up; existing tickets are left as they are."""
    _tables()
    actors = _people()
    with acting(actors[2]) as visit:
        catalogue_file.load(visit, files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8"))
        guides.load(visit, _shipped_guides(), only_new=True)
        there = visit.session.scalar(select(func.count()).select_from(Ticket)) or 0
        if number:
            _roster(visit, actors)
    for position in range(there, number):
        _tell_story(position, actors)
    if number and not there:
        _ask_questions(actors[0])
        demo_issues.tell(actors)


def _roster(visit: Visit, actors: list[Actor]) -> None:
    """Ada is on duty on all working days, and Ben after her; unless there has been a roster before."""
    if visit.session.scalar(select(Shift.id).limit(1)) is None:
        for position, actor in enumerate(actors[:2], 1):
            workdays = [str(day) for day in range(5)]
            shift = NewShift(str(actor.id), workdays, "", "09:00", "17:00", str(position))
            roster.add_shift(visit, shift)


def _shipped_guides() -> dict[str, str]:
    """The guides that come with the desk, by their slugs."""
    folder = files(__package__).joinpath("guides")
    texts = (path for path in folder.iterdir() if path.name.endswith(".md"))
    return {path.name.removesuffix(".md"): path.read_text(encoding="utf-8") for path in texts}


def _tables() -> None:
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # several processes may prepare the same site at once
            connection.execute(text("SELECT pg_advisory_xact_lock(7)"))
        db.metadata.create_all(connection)
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            connection.execute(text("PRAGMA journal_mode = WAL"))
    migrate.upgrade(current().database.engine)


def _people() -> list[Actor]:
    found = []
    for email, name, role in PEOPLE:
        user: User = ensure(email, name, PASSWORD)
        db.session.commit()
        with acting(Actor("operator", "the demonstration")) as visit:
            known = visit.session.scalar(select(Person).where(Person.host_user_id == str(user.id)))
            person = known or people.add(
                visit,
                host_user_id=str(user.id),
                name=name,
                email=email,
                role=role,
                payment=f"PayPal: {email}",
            )
            found.append(Actor("person", person.name, person.id, Role(role)))
    return found


def _tell_story(position: int, actors: list[Actor]) -> None:
    """One ticket, taken as far as its position says: a third stays open."""
    ada, ben, mia = actors
    days = timedelta(days=1 + position % 23, hours=position % 7)
    code = _order(position, days)
    owner = (ada, ben)[position % 2]
    stage = next(islice(cycle((0, 1, 0, 2, 3, 0, 4, 5, 0, 3, 6, 2)), position % 12, None))
    if stage == 6:  # noqa: PLR2004  # the stage in which nobody wants it
        _move(code, "reject", mia, days / 2, Filled("nobody-wants-it", "Asked around: nobody has the time."))
        return
    if stage == 0:
        return
    with acting(owner, days * 0.8) as visit:
        claims.claim(visit, code, version=1, key=new_key())
    if stage == 1:
        return
    _write(code, owner, days * 0.7)
    if stage > 2:  # noqa: PLR2004  # from here on the customer has answered
        _answer(code, days * 0.5)
        _move(code, "start", owner, days * 0.4)
    if stage == 3:  # noqa: PLR2004  # under way
        _open_the_host(code, owner, days * 0.38)
        _tick(code, owner, days * 0.35, most=2)
    if stage == 4:  # noqa: PLR2004  # done
        _log(code, owner, days * 0.3)
        _tick(code, owner, days * 0.3)
        _report(code, owner, days * 0.2)
        _move(code, "close", owner, days * 0.1, Filled(note="All albums checked with the customer."))
    if stage == 5:  # noqa: PLR2004  # given up
        _move(code, "abandon", owner, days * 0.1, Filled("incompatible-host", "PHP cannot be changed there."))
    if stage == 3:  # noqa: PLR2004  # under way
        with acting(owner, days * 0.3) as visit:
            annotation.annotate(visit, code, "Their panel logs out after ten minutes.", key=new_key())


def _ask_questions(owner: Actor) -> None:
    """Questions that wait to be sorted, and the oldest one answered with a page."""
    codes = []
    for position, (name, email, details) in enumerate(_QUESTIONS):
        with acting(Actor("visitor", "a visitor"), timedelta(hours=30 - 9 * position)) as visit:
            order = Order(
                service="question",
                name=name,
                email=email,
                host_url="",
                host_access="",
                details=details,
                acknowledged=frozenset(),
                answers={},
                key=new_key(),
            )
            codes.append(submissions.submit(visit, order, client=f"a question {position}").code)
    ago = timedelta(hours=20)
    with acting(owner, ago) as visit:
        ticket = tickets.lock(visit.session, codes[0])
        page = documented.chosen(visit, "photos-do-not-upload", "")
        draft = Draft(documented.draft(visit, ticket, page).body, 0, ticket.thread, new_key())
        documented.point(visit, codes[0], page, draft, version=ticket.version)
    _deliver(ago)


_RESTART = Ask(
    what="Restart Apache",
    why="The memory limit of PHP has to be raised, and that is only read at a start.",
    risk="Every site on this host is away for some seconds.",
    undo="By putting the old line back and restarting once more.",
    item="configuration",
)
#: Evidence of the stories, by its kind.
_EVIDENCE = {
    "text": "In order, seen and noted",
    "long text": "In order, seen and noted.",
    "number": "310",
    "link": "https://gallery.example.net/test",
    "date": "2034-01-01",
}


def _order(position: int, ago: timedelta) -> str:
    service, answers, details = _REQUESTS[position % len(_REQUESTS)]
    name, email, url, access = _CUSTOMERS[position % len(_CUSTOMERS)]
    mailbox, domain = email.split("@")
    with acting(Actor("visitor", "a visitor"), ago) as visit:
        wanted = catalogue.orderable(visit.session, service)
        order = Order(
            service=service,
            name=name,
            email=f"{mailbox}+{position}@{domain}" if position >= len(_CUSTOMERS) else email,
            host_url=url,
            host_access=access,
            details=details,
            acknowledged=frozenset(requirement.position for requirement in wanted.requirements),
            answers=answers,
            key=new_key(),
        )
        return submissions.submit(visit, order, client=f"demonstration {position}").code


def _write(code: str, owner: Actor, ago: timedelta) -> None:
    with acting(owner, ago) as visit:
        ticket = tickets.lock(visit.session, code)
        letter = correspondence.open_letter(visit, ticket)
        draft = Draft(letter.body, ticket.claim_number, ticket.thread, new_key())
        correspondence.write(visit, code, draft)
    _deliver(ago)


def _open_the_host(code: str, owner: Actor, ago: timedelta) -> None:
    """The customer gives access, the developer looks once, and asks before a restart."""
    with acting(CUSTOMER, ago) as visit:
        given = Credential("account", "SSH on their host", "helper", "a made-up password")
        reference = vault.give(visit, tickets.lock(visit.session, code), given, key=new_key()).reference
    with acting(owner, ago) as visit:
        checklists.set_traits(visit, code, ["configuration"], key=new_key())
    with acting(owner, ago) as visit:
        ticket = tickets.lock(visit.session, code)
        claim, thread = ticket.claim_number, ticket.thread
        vault.look(visit, code, reference, reason="To log in.", claim=claim, key=new_key())
        decisions.ask_consent(visit, code, _RESTART, claim=claim, thread=thread, key=new_key())
    _deliver(ago)


def _log(code: str, owner: Actor, ago: timedelta) -> None:
    with acting(owner, ago) as visit:
        ticket = tickets.lock(visit.session, code)
        stretch = Stretch("Did the work and tested it.", ticket.host_url, 50)
        worklog.add(visit, code, stretch, key=new_key())


def _tick(code: str, owner: Actor, ago: timedelta, most: int = 100) -> None:
    with acting(owner, ago) as visit:
        for item in checklists.of(visit, tickets.lock(visit.session, code))[:most]:
            if item.name != checklists.REPORT:
                evidence = {row["name"]: [_EVIDENCE[row["kind"]]] for row in item.evidence if row["required"]}
                checklists.tick(visit, code, Tick(item.name, item.version, new_key()), evidence)


def _report(code: str, owner: Actor, ago: timedelta) -> None:
    with acting(owner, ago) as visit:
        ticket = tickets.lock(visit.session, code)
        draft = Draft(report.draft(visit, ticket), ticket.claim_number, ticket.thread, new_key())
        report.send(visit, code, draft)
    _deliver(ago)


def _deliver(ago: timedelta) -> None:
    """The letters of the story leave when they were written, not today."""
    mount = current()
    Worker(mount.house, mount.database, KeepTransport(), lambda: mount.clock() - ago).once()


def _answer(code: str, ago: timedelta) -> None:
    with acting(CUSTOMER, ago) as visit:
        ticket = tickets.lock(visit.session, code)
        body = "Yes, please go ahead. The title should be “Our photos”.\nWhen can you start?"
        correspondence.receive(visit, ticket, body, key=new_key())


def _move(code: str, name: str, by: Actor, ago: timedelta, filled: Filled | None = None) -> None:
    with acting(by, ago) as visit:
        ticket = tickets.lock(visit.session, code)
        moves.make(visit, code, name, version=ticket.version, key=new_key(), filled=filled)
