"""Forms sent after their session had ended, kept for a day.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "paidsupport_unsent"


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        TABLE,
        sa.Column("id", BIG, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["paidsupport_person.id"],
            name=op.f("fk_paidsupport_unsent_person_id_paidsupport_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_unsent")),
        sa.UniqueConstraint("digest", name=op.f("uq_paidsupport_unsent_digest")),
    )
    op.create_index(op.f("ix_paidsupport_unsent_person_id"), TABLE, ["person_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table(TABLE)
