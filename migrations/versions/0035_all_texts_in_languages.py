"""Canned replies, checklists and traits in the languages of those who read them.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

TABLES = ("paidsupport_trait", "paidsupport_checklist_item", "paidsupport_item", "paidsupport_boilerplate")


def upgrade() -> None:
    """Apply this revision."""
    structure = sa.JSON().with_variant(JSONB(), "postgresql")
    for table in TABLES:
        op.add_column(table, sa.Column("translations", structure, nullable=False, server_default="{}"))


def downgrade() -> None:
    """Take it back."""
    for table in TABLES:
        op.drop_column(table, "translations")
