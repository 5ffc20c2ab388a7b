"""The first tables of the shop."""

import sqlalchemy as sa
from alembic import op

revision = "s1"
down_revision = None


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(200), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
    )
    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
    )
    op.create_index(op.f("ix_item_title"), "item", ["title"])


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("item")
    op.drop_table("user")
