"""The languages of staff, of tickets, and of their emails.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = ("paidsupport_person", "paidsupport_ticket", "paidsupport_letter")


def upgrade() -> None:
    """Apply this revision."""
    for name in TABLES:
        op.add_column(name, sa.Column("language", sa.String(40), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it back."""
    for name in TABLES:
        op.drop_column(name, "language")
