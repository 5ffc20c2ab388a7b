"""What was paid out to developers.

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_payout",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("noted_by", sa.String(200), nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("undone_by", sa.String(200), nullable=False),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_paidsupport_payout_amount")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_payout_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_payout")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_payout_reference")),
        sa.UniqueConstraint("key", name=op.f("uq_paidsupport_payout_key")),
    )
    op.create_index(op.f("ix_paidsupport_payout_person_id_id"), "paidsupport_payout", ["person_id", "id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("paidsupport_payout")
