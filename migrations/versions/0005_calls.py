"""Calls: whoever rings is found again by the digits of their number, or by their address.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    op.add_column(
        "paidsupport_intake", sa.Column("digits", sa.String(length=40), nullable=False, server_default="")
    )
    op.create_index("ix_paidsupport_intake_digits_ticket_id", "paidsupport_intake", ["digits", "ticket_id"])


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index("ix_paidsupport_intake_digits_ticket_id", "paidsupport_intake")
    op.drop_column("paidsupport_intake", "digits")
