"""Pages with refused forms of visitors, kept for a day.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "paidsupport_unsent"


def upgrade() -> None:
    """Apply this revision."""
    op.execute(f"DELETE FROM {TABLE}")  # noqa: S608  # packed in another way, and a day old at most
    with op.batch_alter_table(TABLE) as unsent:
        unsent.alter_column("person_id", existing_type=BIG, nullable=True)


def downgrade() -> None:
    """Take it back."""
    op.execute(f"DELETE FROM {TABLE}")  # noqa: S608  # a word of ours
    with op.batch_alter_table(TABLE) as unsent:
        unsent.alter_column("person_id", existing_type=BIG, nullable=False)
