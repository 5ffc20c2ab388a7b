"""Reasons that managers add, rename, move and retire.

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_reason",
        sa.Column("id", BIG, nullable=False),
        sa.Column("workflow", sa.String(40), nullable=False),
        sa.Column("transition", sa.String(40), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("told", sa.String(200), nullable=False),
        sa.Column("translations", STRUCTURE, server_default="{}", nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_reason")),
        sa.UniqueConstraint(
            "workflow",
            "transition",
            "name",
            name=op.f("uq_paidsupport_reason_workflow_transition_name"),
        ),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("paidsupport_reason")
