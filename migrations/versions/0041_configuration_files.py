"""Files of the whole configuration that were loaded, with what was there before.

Revision ID: 0041
Revises: 0040
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_configuration_snapshot",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("applied_at", MOMENT, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undoes_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["undoes_id"],
            ["paidsupport_configuration_snapshot.id"],
            name=op.f("fk_paidsupport_configuration_snapshot_undoes_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_configuration_snapshot")),
    )
    op.create_index(
        op.f("ix_paidsupport_configuration_snapshot_applied_at"),
        "paidsupport_configuration_snapshot",
        ["applied_at"],
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("paidsupport_configuration_snapshot")
