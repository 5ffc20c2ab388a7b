"""The ledger: digests of every row, chained; what was there before is bound when the upgrade ends.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_ledger_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("chain", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_ledger_line")),
        sa.UniqueConstraint("chain", "number", name=op.f("uq_paidsupport_ledger_line_chain_number")),
    )
    op.create_table(
        "paidsupport_ledger_mark",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("value", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_paidsupport_ledger_mark")),
    )
    op.create_table(
        "paidsupport_ledger_form",
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("columns", STRUCTURE, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_paidsupport_ledger_form")),
    )


def downgrade() -> None:
    """Take this revision back."""
    for name in ("form", "mark", "line"):
        op.drop_table(f"paidsupport_ledger_{name}")
