"""Drafts: what a person has typed and not sent yet.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "paidsupport_draft"


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        TABLE,
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("record", sa.String(32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["paidsupport_person.id"],
            name=op.f("fk_paidsupport_draft_person_id_paidsupport_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_draft")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_paidsupport_draft_person_id_key")),
    )
    op.create_index(op.f("ix_paidsupport_draft_record"), TABLE, ["record"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table(TABLE)
