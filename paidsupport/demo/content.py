"""Everything a fresh demonstration needs: tables, people, catalogue, guides, and tickets in every state.

Tickets come into being through the same operations as real ones, at moments of the last weeks.
"""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files
from itertools import cycle, islice

import click
from sqlalchemy import text

from paidsupport.demo import issues as demo_issues
from paidsupport.demo.acting import acting
from paidsupport.demo.users import User, db, ensure
from paidsupport.intake.gaps.operations import documented
from paidsupport.intake.guides import operations as guides
from paidsupport.kernel.actors import CUSTOMER, Actor, Role
from paidsupport.kernel.codes import new_key
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import migrate
from paidsupport.kernel.mail.transports import KeepTransport
from paidsupport.kernel.mount import current
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.queries import known_before
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.operations import NewShift
from paidsupport.kernel.staff.roster.queries import newest
from paidsupport.kernel.staff.roster.tables import Shift
from paidsupport.kernel.worker import Worker
from paidsupport.ops.queries import ticket_ids
from paidsupport.tickets import tables as tickets
from paidsupport.tickets.catalogue import queries as catalogue
from paidsupport.tickets.catalogue import toml_file as catalogue_file
from paidsupport.tickets.checklist import queries as lines
from paidsupport.tickets.checklist.operations import checklist as checklists
from paidsupport.tickets.checklist.operations import worklog
from paidsupport.tickets.checklist.operations.checklist import Tick
from paidsupport.tickets.checklist.operations.worklog import Stretch
from paidsupport.tickets.conversation.operations import annotations as annotation
from paidsupport.tickets.conversation.operations import correspondence
from paidsupport.tickets.conversation.operations.correspondence import Draft
from paidsupport.tickets.decisions import operations as decisions
from paidsupport.tickets.decisions.operations import Ask
from paidsupport.tickets.operations import claims, transitions
from paidsupport.tickets.operations.transitions import Filled
from paidsupport.tickets.ordering import operations as submissions
from paidsupport.tickets.ordering.operations import Order
from paidsupport.tickets.report import operations as report
from paidsupport.tickets.vault.operations import credentials as vault
from paidsupport.tickets.vault.operations.credentials import Credential

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
    with acting(actors[2]) as ctx:
        catalogue_file.load(ctx, files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8"))
        guides.load(ctx, _shipped_guides(), only_new=True)
        there = len(ticket_ids(ctx.session))
        if number:
            _roster(ctx, actors)
    for position in range(there, number):
        _tell_story(position, actors)
    if number and not there:
        _ask_questions(actors[0])
        demo_issues.tell(actors)


def _roster(ctx: Context, actors: list[Actor]) -> None:
    """Ada is on duty on all working days, and Ben after her; unless there has been a roster before."""
    if not newest(ctx.session, Shift, most=1):
        for position, actor in enumerate(actors[:2], 1):
            workdays = [str(day) for day in range(5)]
            shift = NewShift(str(actor.id), workdays, "", "09:00", "17:00", str(position))
            roster.add_shift(ctx, shift)


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
        with acting(Actor("operator", "the demonstration")) as ctx:
            person = known_before(ctx.session, str(user.id), "") or people.add(
                ctx,
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
        _transition(
            code, "reject", mia, days / 2, Filled("nobody-wants-it", "Asked around: nobody has the time.")
        )
        return
    if stage == 0:
        return
    with acting(owner, days * 0.8) as ctx:
        claims.claim(ctx, code, version=1, key=new_key())
    if stage == 1:
        return
    _write(code, owner, days * 0.7)
    if stage > 2:  # noqa: PLR2004  # from here on the customer has answered
        _answer(code, days * 0.5)
        _transition(code, "start", owner, days * 0.4)
    if stage == 3:  # noqa: PLR2004  # under way
        _open_the_host(code, owner, days * 0.38)
        _tick(code, owner, days * 0.35, most=2)
    if stage == 4:  # noqa: PLR2004  # done
        _log(code, owner, days * 0.3)
        _tick(code, owner, days * 0.3)
        _report(code, owner, days * 0.2)
        _transition(code, "close", owner, days * 0.1, Filled(note="All albums checked with the customer."))
    if stage == 5:  # noqa: PLR2004  # given up
        _transition(
            code, "abandon", owner, days * 0.1, Filled("incompatible-host", "PHP cannot be changed there.")
        )
    if stage == 3:  # noqa: PLR2004  # under way
        with acting(owner, days * 0.3) as ctx:
            annotation.annotate(ctx, code, "Their panel logs out after ten minutes.", key=new_key())


def _ask_questions(owner: Actor) -> None:
    """Questions that wait to be sorted, and the oldest one answered with a page."""
    codes = []
    for position, (name, email, details) in enumerate(_QUESTIONS):
        with acting(Actor("visitor", "a visitor"), timedelta(hours=30 - 9 * position)) as ctx:
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
            codes.append(submissions.submit(ctx, order, client=f"a question {position}").code)
    ago = timedelta(hours=20)
    with acting(owner, ago) as ctx:
        ticket = tickets.lock(ctx.session, codes[0])
        page = documented.chosen(ctx, "photos-do-not-upload", "")
        draft = Draft(documented.draft(ctx, ticket, page).body, 0, ticket.thread, new_key())
        documented.point(ctx, codes[0], page, draft, version=ticket.version)
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
    with acting(Actor("visitor", "a visitor"), ago) as ctx:
        wanted = catalogue.orderable(ctx.session, service)
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
        return submissions.submit(ctx, order, client=f"demonstration {position}").code


def _write(code: str, owner: Actor, ago: timedelta) -> None:
    with acting(owner, ago) as ctx:
        ticket = tickets.lock(ctx.session, code)
        email = correspondence.open_email(ctx, ticket)
        draft = Draft(email.body, ticket.claim_number, ticket.thread, new_key())
        correspondence.write(ctx, code, draft)
    _deliver(ago)


def _open_the_host(code: str, owner: Actor, ago: timedelta) -> None:
    """The customer gives access, the developer looks once, and asks before a restart."""
    with acting(CUSTOMER, ago) as ctx:
        given = Credential("account", "SSH on their host", "helper", "a made-up password")
        reference = vault.give(ctx, tickets.lock(ctx.session, code), given, key=new_key()).reference
    with acting(owner, ago) as ctx:
        checklists.set_traits(ctx, code, ["configuration"], key=new_key())
    with acting(owner, ago) as ctx:
        ticket = tickets.lock(ctx.session, code)
        claim, thread = ticket.claim_number, ticket.thread
        vault.look(ctx, code, reference, reason="To log in.", claim=claim, key=new_key())
        decisions.ask_consent(ctx, code, _RESTART, claim=claim, thread=thread, key=new_key())
    _deliver(ago)


def _log(code: str, owner: Actor, ago: timedelta) -> None:
    with acting(owner, ago) as ctx:
        ticket = tickets.lock(ctx.session, code)
        stretch = Stretch("Did the work and tested it.", ticket.host_url, 50)
        worklog.add(ctx, code, stretch, key=new_key())


def _tick(code: str, owner: Actor, ago: timedelta, most: int = 100) -> None:
    with acting(owner, ago) as ctx:
        for item in lines.items(ctx.session, tickets.lock(ctx.session, code))[:most]:
            if item.name != checklists.REPORT:
                evidence = {row["name"]: [_EVIDENCE[row["kind"]]] for row in item.evidence if row["required"]}
                checklists.tick(ctx, code, Tick(item.name, item.version, new_key()), evidence)


def _report(code: str, owner: Actor, ago: timedelta) -> None:
    with acting(owner, ago) as ctx:
        ticket = tickets.lock(ctx.session, code)
        draft = Draft(report.draft(ctx, ticket), ticket.claim_number, ticket.thread, new_key())
        report.send(ctx, code, draft)
    _deliver(ago)


def _deliver(ago: timedelta) -> None:
    """The letters of the story leave when they were written, not today."""
    mount = current()
    Worker(mount.services, mount.database, KeepTransport(), lambda: mount.clock() - ago).once()


def _answer(code: str, ago: timedelta) -> None:
    with acting(CUSTOMER, ago) as ctx:
        ticket = tickets.lock(ctx.session, code)
        body = "Yes, please go ahead. The title should be “Our photos”.\nWhen can you start?"
        correspondence.receive(ctx, ticket, body, key=new_key())


def _transition(code: str, name: str, by: Actor, ago: timedelta, filled: Filled | None = None) -> None:
    with acting(by, ago) as ctx:
        ticket = tickets.lock(ctx.session, code)
        transitions.make(ctx, code, name, version=ticket.version, key=new_key(), filled=filled)
