"""Services in the languages of their customers.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this revision."""
    op.add_column(
        "paidsupport_service",
        sa.Column(
            "translations", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False, server_default="{}"
        ),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_column("paidsupport_service", "translations")
