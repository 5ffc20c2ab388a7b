"""Addresses beside how they are compared; proof of a customer's; each at the desk once.

Revision ID: 0018
Revises: 0017
"""

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from alembic import op

from paidsupport.kernel.addresses import compared
from paidsupport.sales.organisations.rules import domain_of

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

#: Rows read at once.
SOME = 1000
PERSON = "uq_paidsupport_person_address"
TICKET = "ix_paidsupport_ticket_customer_address_id"
OLD_TICKET = "ix_paidsupport_ticket_customer_email_id"
#: What a reply to a letter of ours has proven already; what came by mail itself proves nothing more.
PROVEN = sa.text(
    "UPDATE paidsupport_ticket SET address_proven_at = ("
    " SELECT min(mail.settled_at) FROM paidsupport_raw_mail AS mail"
    " WHERE mail.ticket_id = paidsupport_ticket.id AND mail.state = 'filed')"
    " WHERE erased_at IS NULL AND NOT EXISTS ("
    " SELECT 1 FROM paidsupport_intake AS intake"
    " WHERE intake.ticket_id = paidsupport_ticket.id AND intake.channel = 'mail')"
)


def upgrade() -> None:
    """Apply this revision."""
    for table, column in (("ticket", "customer_address"), ("person", "address")):
        op.add_column(
            f"paidsupport_{table}", sa.Column(column, sa.String(320), nullable=False, server_default="")
        )
    op.add_column("paidsupport_ticket", sa.Column("address_proven_at", sa.DateTime(timezone=True)))
    _fill("ticket", "customer_email", lambda email: {"customer_address": compared(email)})
    op.drop_index(OLD_TICKET, "paidsupport_ticket")
    op.create_index(TICKET, "paidsupport_ticket", ["customer_address", "id"])
    op.execute(PROVEN)
    _fill_people()
    op.create_index(
        PERSON,
        "paidsupport_person",
        ["address"],
        unique=True,
        postgresql_where=sa.text("address <> ''"),
        sqlite_where=sa.text("address <> ''"),
    )
    _refold_contacts()


def downgrade() -> None:
    """Take it back."""
    op.drop_index(PERSON, "paidsupport_person")
    op.drop_column("paidsupport_person", "address")
    op.drop_index(TICKET, "paidsupport_ticket")
    op.create_index(OLD_TICKET, "paidsupport_ticket", ["customer_email", "id"])
    op.drop_column("paidsupport_ticket", "address_proven_at")
    op.drop_column("paidsupport_ticket", "customer_address")


def _fill(name: str, source: str, made: Callable[[str], Mapping[str, object]]) -> None:
    """Write what is `made` of the column `source` into every row that has something there."""
    table = sa.table(f"paidsupport_{name}", *(sa.column(each) for each in ("id", source, *made(""))))
    bind, last = op.get_bind(), 0
    wanted = sa.select(table.c.id, table.c[source]).where(table.c[source] != "").order_by(table.c.id)
    while rows := bind.execute(wanted.where(table.c.id > last).limit(SOME)).all():
        last = rows[-1].id
        for row in rows:
            bind.execute(table.update().where(table.c.id == row.id).values(**made(row[1])))


def _fill_people() -> None:
    """Who shares an address keeps it only if they are the first: commands know the others no more by it."""
    person = sa.table("paidsupport_person", *map(sa.column, ("id", "email", "address", "active")))
    bind, taken = op.get_bind(), set[str]()
    wanted = sa.select(person.c.id, person.c.email).order_by(person.c.active.desc(), person.c.id)
    for row in bind.execute(wanted).all():
        address = compared(row.email)
        if address and address not in taken:
            taken.add(address)
            bind.execute(person.update().where(person.c.id == row.id).values(address=address))


def _refold_contacts() -> None:
    """Two contacts of one organisation that turn out to have one address stay as they were."""
    names = ("id", "organisation_id", "email", "folded", "domain")
    contact = sa.table("paidsupport_contact", *map(sa.column, names))
    bind = op.get_bind()
    rows = bind.execute(sa.select(contact).order_by(contact.c.id)).all()
    taken = {(row.organisation_id, row.folded) for row in rows}
    for row in rows:
        folded = compared(row.email)
        place = (row.organisation_id, folded)
        if folded != row.folded and place not in taken:
            taken.add(place)
            changed = {"folded": folded, "domain": domain_of(folded)}
            bind.execute(contact.update().where(contact.c.id == row.id).values(**changed))
