"""Guides in the languages of those who read them.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLES = ("paidsupport_guide", "paidsupport_guide_edition")


def upgrade() -> None:
    """Apply this revision."""
    structure = sa.JSON().with_variant(JSONB(), "postgresql")
    for table in TABLES:
        op.add_column(table, sa.Column("translations", structure, nullable=False, server_default="{}"))


def downgrade() -> None:
    """Take it back."""
    for table in TABLES:
        op.drop_column(table, "translations")
