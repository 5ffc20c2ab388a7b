"""Everything a fresh demonstration needs: tables, staff, catalogue, guides, and tickets in every state.

Tickets are created by the same operations as real ones, at moments in the past weeks.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import click
from sqlalchemy import text

from paidsupport.catalogue.operations import file as catalogue_file
from paidsupport.demo import issues, orders, questions, sales
from paidsupport.demo.acting import acting
from paidsupport.demo.users import User, db, ensure
from paidsupport.intake.guides import operations as guides
from paidsupport.kernel.actors import Actor, Role
from paidsupport.kernel.context import Context
from paidsupport.kernel.db import migrate
from paidsupport.kernel.mount import current
from paidsupport.kernel.staff import operations as people
from paidsupport.kernel.staff.queries import known_before
from paidsupport.kernel.staff.roster import operations as roster
from paidsupport.kernel.staff.roster.operations import NewShift
from paidsupport.kernel.staff.roster.queries import was_filled
from paidsupport.ops.queries import ticket_ids

#: The staff of the demonstration: address, name, role. Their password is `demo`.
PEOPLE = (
    ("ada@example.org", "Ada", "developer"),
    ("ben@example.org", "Ben", "developer"),
    ("mia@example.org", "Mia", "manager"),
)
#: The line of the service that is paid before the work, where that can be, and what its customers agree to.
_SERVICE = 'slug = "customization"'
_AGREED = (
    ("I will pay the developer once we've agreed the work.", "I will pay before the work begins."),
    ("Ich bezahle den Entwickler, sobald wir uns über die Arbeit einig sind.", "Ich bezahle vor der Arbeit."),
    (
        "Je paierai le développeur dès que nous nous serons mis d'accord sur le travail.",
        "Je paierai avant le début du travail.",
    ),
)
PASSWORD = "demo"  # noqa: S105  # shown on the home page


@click.command("demo")
@click.option("--tickets", "number", default=12, show_default=True, help="Create tickets up to this number.")
def command(number: int) -> None:
    """Set up the demo: tables, staff, catalogue, guides and tickets. Can be run again."""
    prepare(number)
    click.echo("The demo is ready. Sign in as ada@example.org with the password demo.")


def prepare(number: int = 12, pay: Callable[[Context], None] | None = None) -> None:
    """Set everything up; existing tickets are left as they are.

    Args:
        number: Tickets are made up to this number.
        pay: Sets providers of payments up; with these, one of the services is paid before the work.
    """
    _tables()
    actors = _people()
    catalogue = files(__package__).joinpath("catalogue.toml").read_text(encoding="utf-8")
    paid_first = _paid_first(catalogue)
    with acting(actors[2]) as ctx:
        if pay:
            pay(ctx)
        is_old = bool(pay and ticket_ids(ctx.session))
        catalogue_file.load(ctx, paid_first if is_old else catalogue)
        guides.load(ctx, _shipped_guides(), only_new=True)
        there = len(ticket_ids(ctx.session))
        if number:
            _roster(ctx, actors)
    codes = [orders.tell(position, actors) for position in range(there, number)]
    if pay and not is_old:
        # after the stories, which are of the time when developers were paid for all services
        with acting(actors[2]) as ctx:
            catalogue_file.load(ctx, paid_first)
    if number and not there:
        questions.tell(actors[0])
        issues.tell(actors)
        if len(codes) > orders.INVOICED:
            sales.tell(actors, codes[orders.INVOICED])


def _paid_first(catalogue: str) -> str:
    """The catalogue with one service that is paid before the work."""
    before, after = catalogue.split(_SERVICE)
    own, rest, others = after.partition("[[service]]")
    for developer, desk in _AGREED:
        own = own.replace(developer, desk)
    return f'{before}{_SERVICE}\npayee = "before"{own}{rest}{others}'


def _roster(ctx: Context, actors: list[Actor]) -> None:
    """Put Ada on duty on all working days, and Ben after her, unless there has been a roster before."""
    if not was_filled(ctx.session):
        for position, actor in enumerate(actors[:2], 1):
            workdays = [str(day) for day in range(5)]
            shift = NewShift(str(actor.id), workdays, "", "09:00", "17:00", str(position))
            roster.add_shift(ctx, shift)


def _shipped_guides() -> dict[str, str]:
    """The guides of the demonstration, by slug."""
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
