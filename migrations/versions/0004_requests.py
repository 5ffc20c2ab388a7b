"""Requests: how they reached the desk, which service takes them, and pages that customers are pointed to.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply this revision."""
    op.add_column(
        "paidsupport_service", sa.Column("purposes", STRUCTURE, nullable=False, server_default="[]")
    )
    op.add_column(
        "paidsupport_service",
        sa.Column("asks_host", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.create_table(
        "paidsupport_intake",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("caller", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=200), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by_id", BIG, nullable=True),
        sa.CheckConstraint(
            "channel IN ('mail', 'phone', 'form')", name=op.f("ck_paidsupport_intake_channel")
        ),
        sa.CheckConstraint(
            "caller IN ('', 'user', 'merchant', 'bank', 'other')", name=op.f("ck_paidsupport_intake_caller")
        ),
        sa.ForeignKeyConstraint(
            ["taken_by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_intake_taken_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_intake_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_intake")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_paidsupport_intake_ticket_id")),
    )
    op.add_column(
        "paidsupport_guide", sa.Column("public", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "paidsupport_pointer",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("guide_id", BIG, nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "answer IN ('', 'helped', 'not-helped')", name=op.f("ck_paidsupport_pointer_answer")
        ),
        sa.CheckConstraint(
            "(answer = '') = (answered_at IS NULL)", name=op.f("ck_paidsupport_pointer_answered")
        ),
        sa.ForeignKeyConstraint(
            ["guide_id"], ["paidsupport_guide.id"], name=op.f("fk_paidsupport_pointer_guide_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["paidsupport_message.id"], name=op.f("fk_paidsupport_pointer_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_pointer_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_pointer")),
        sa.UniqueConstraint("message_id", name=op.f("uq_paidsupport_pointer_message_id")),
    )
    for column in ("ticket_id", "guide_id"):
        op.create_index(op.f(f"ix_paidsupport_pointer_{column}"), "paidsupport_pointer", [column])
    op.create_index(_TRIAGE, "paidsupport_ticket", ["workflow", "part", "submitted_at", "id"])
    op.create_index(_SENDER, "paidsupport_ticket", ["customer_email", "id"])


_TRIAGE = "ix_paidsupport_ticket_workflow_part_submitted_at_id"
_SENDER = "ix_paidsupport_ticket_customer_email_id"


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index(_SENDER, "paidsupport_ticket")
    op.drop_index(_TRIAGE, "paidsupport_ticket")
    op.drop_table("paidsupport_pointer")
    op.drop_column("paidsupport_guide", "public")
    op.drop_table("paidsupport_intake")
    for column in ("asks_host", "purposes"):
        op.drop_column("paidsupport_service", column)
