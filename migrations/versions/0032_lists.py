"""Priorities of tickets, saved views, and what was done with several tickets at once.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TICKET, VIEW, BULK = "paidsupport_ticket", "paidsupport_saved_view", "paidsupport_bulk"
INDEX = "ix_paidsupport_ticket_part_priority_id"


def upgrade() -> None:
    """Apply this revision."""
    op.add_column(TICKET, sa.Column("priority", sa.Integer(), nullable=False, server_default="3"))
    op.create_index(INDEX, TICKET, ["part", "priority", "id"])
    op.create_table(
        VIEW,
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["paidsupport_person.id"],
            name=op.f("fk_paidsupport_saved_view_person_id_paidsupport_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_saved_view")),
    )
    op.create_index(op.f("ix_paidsupport_saved_view_person_id_name"), VIEW, ["person_id", "name"])
    op.create_table(
        BULK,
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("tickets", STRUCTURE, nullable=False),
        sa.Column("refused", STRUCTURE, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["paidsupport_person.id"],
            name=op.f("fk_paidsupport_bulk_person_id_paidsupport_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_bulk")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_bulk_reference")),
    )
    op.create_index(op.f("ix_paidsupport_bulk_at"), BULK, ["at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table(BULK)
    op.drop_table(VIEW)
    op.drop_index(INDEX, TICKET)
    op.drop_column(TICKET, "priority")
