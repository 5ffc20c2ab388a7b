"""Files of order forms, kept until the order is placed.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "paidsupport_form_file"


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        TABLE,
        sa.Column("id", BIG, nullable=False),
        sa.Column("form", sa.String(64), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("storage_key", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_form_file")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_form_file_reference")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_paidsupport_form_file_storage_key")),
    )
    op.create_index(op.f("ix_paidsupport_form_file_form_id"), TABLE, ["form", "id"])
    op.create_index(op.f("ix_paidsupport_form_file_at"), TABLE, ["at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table(TABLE)
