"""Since when a connection fails, and what its tasks are forgotten by.

Revision ID: 0050
Revises: 0049
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_STATE, _TASK = "paidsupport_connection_state", "paidsupport_connection_task"


def upgrade() -> None:
    """Apply this revision."""
    op.add_column(_STATE, sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f(f"ix_{_TASK}_ended_at"), _TASK, ["ended_at"])


def downgrade() -> None:
    """Undo this revision."""
    op.drop_index(op.f(f"ix_{_TASK}_ended_at"), _TASK)
    op.drop_column(_STATE, "failing_since")
