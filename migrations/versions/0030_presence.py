"""Who has the page of a ticket open.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_presence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("writing", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_presence")),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["paidsupport_ticket.id"],
            name=op.f("fk_paidsupport_presence_ticket_id_paidsupport_ticket"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["paidsupport_person.id"],
            name=op.f("fk_paidsupport_presence_person_id_paidsupport_person"),
        ),
        sa.UniqueConstraint(
            "ticket_id", "person_id", name=op.f("uq_paidsupport_presence_ticket_id_person_id")
        ),
    )
    for column in ("person_id", "seen_at"):
        op.create_index(op.f(f"ix_paidsupport_presence_{column}"), "paidsupport_presence", [column])


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("paidsupport_presence")
