"""Jobs of workers that failed and wait to be tried again.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_parked_job",
        sa.Column("id", BIG, nullable=False),
        sa.Column("job", sa.String(40), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_parked_job")),
        sa.UniqueConstraint("job", "key", name=op.f("uq_paidsupport_parked_job_job_key")),
        sa.CheckConstraint("attempts > 0", name=op.f("ck_paidsupport_parked_job_attempts")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("paidsupport_parked_job")
