"""Messages that came by mail keep what was cut from them, so that it can be unfolded.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    op.add_column("paidsupport_message", sa.Column("rest", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("paidsupport_message", "rest")
