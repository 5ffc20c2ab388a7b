"""The figures of the overview, counted by a worker.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_overview",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took", sa.Integer(), nullable=False),
        sa.Column("last_event", BIG, nullable=False),
        sa.Column("last_issue_event", BIG, nullable=False),
        sa.Column("figures", STRUCTURE, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_overview")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("paidsupport_overview")
