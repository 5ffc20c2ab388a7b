"""Deadlines: rules of workflows and services, and the deadlines of tickets.

Tickets that are there have none until their customer writes, or they are opened again.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
#: As each database writes it.
NEVER = {"sqlite": "9999-01-01 00:00:00.000000", "postgresql": "9999-01-01 00:00:00+00"}
OPEN = sa.text("done_at IS NULL")
LOOKED_AFTER = sa.text("look_at IS NOT NULL")


def upgrade() -> None:
    """Apply this revision."""
    never = NEVER[op.get_bind().dialect.name]
    op.add_column(
        "paidsupport_service", sa.Column("deadlines", STRUCTURE, nullable=False, server_default="{}")
    )
    op.add_column("paidsupport_ticket", sa.Column("due_at", MOMENT, nullable=False, server_default=never))
    op.add_column(
        "paidsupport_ticket", sa.Column("due_kind", sa.String(length=40), nullable=False, server_default="")
    )
    op.add_column("paidsupport_ticket", sa.Column("near_at", MOMENT, nullable=True))
    op.create_index(
        op.f("ix_paidsupport_ticket_part_due_at_id"),
        "paidsupport_ticket",
        ["part", "due_at", "id"],
        unique=False,
    )
    op.create_table(
        "paidsupport_deadline_rules",
        sa.Column("id", BIG, nullable=False),
        sa.Column("workflow", sa.String(length=40), nullable=False),
        sa.Column("rules", STRUCTURE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_deadline_rules")),
        sa.UniqueConstraint("workflow", name=op.f("uq_paidsupport_deadline_rules_workflow")),
    )
    op.create_table(
        "paidsupport_deadline",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("warn_left", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("warn_at", MOMENT, nullable=True),
        sa.Column("left_minutes", sa.Integer(), nullable=True),
        sa.Column("look_at", MOMENT, nullable=True),
        sa.Column("warned_at", MOMENT, nullable=True),
        sa.Column("missed_at", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("letter_reference", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "kind IN ('first-contact', 'answer', 'resolution')", name=op.f("ck_paidsupport_deadline_kind")
        ),
        sa.CheckConstraint(
            "minutes > 0 AND warn_left >= 0 AND warn_left <= minutes",
            name=op.f("ck_paidsupport_deadline_minutes"),
        ),
        sa.CheckConstraint(
            "(due_at IS NULL) = (left_minutes IS NOT NULL)", name=op.f("ck_paidsupport_deadline_running")
        ),
        sa.CheckConstraint(
            "(due_at IS NULL) = (warn_at IS NULL)", name=op.f("ck_paidsupport_deadline_warned")
        ),
        sa.CheckConstraint(
            "outcome IN ('', 'met', 'late', 'dropped')", name=op.f("ck_paidsupport_deadline_outcome")
        ),
        sa.CheckConstraint("(done_at IS NULL) = (outcome = '')", name=op.f("ck_paidsupport_deadline_done")),
        sa.CheckConstraint(
            "look_at IS NULL OR (done_at IS NULL AND due_at IS NOT NULL)",
            name=op.f("ck_paidsupport_deadline_look"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_deadline_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_deadline")),
    )
    op.create_index(
        op.f("ix_paidsupport_deadline_ticket_id_id"),
        "paidsupport_deadline",
        ["ticket_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_paidsupport_deadline_open",
        "paidsupport_deadline",
        ["ticket_id", "kind"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index(
        "ix_paidsupport_deadline_look_at",
        "paidsupport_deadline",
        ["look_at"],
        unique=False,
        postgresql_where=LOOKED_AFTER,
        sqlite_where=LOOKED_AFTER,
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index(
        "ix_paidsupport_deadline_look_at",
        table_name="paidsupport_deadline",
        postgresql_where=LOOKED_AFTER,
        sqlite_where=LOOKED_AFTER,
    )
    op.drop_index(
        "uq_paidsupport_deadline_open",
        table_name="paidsupport_deadline",
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.drop_index(op.f("ix_paidsupport_deadline_ticket_id_id"), table_name="paidsupport_deadline")
    op.drop_table("paidsupport_deadline")
    op.drop_table("paidsupport_deadline_rules")
    op.drop_index(op.f("ix_paidsupport_ticket_part_due_at_id"), table_name="paidsupport_ticket")
    for column in ("near_at", "due_kind", "due_at"):
        op.drop_column("paidsupport_ticket", column)
    op.drop_column("paidsupport_service", "deadlines")
