"""Messages keep the text that may be shown beside the one that came, so that no page masks anything.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from paidsupport.privacy import redaction

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MESSAGE = sa.table(
    "paidsupport_message",
    sa.column("id", sa.BigInteger),
    sa.column("direction", sa.String),
    sa.column("body", sa.Text),
    sa.column("shown", sa.Text),
)
#: Messages read at once.
SOME = 500


def upgrade() -> None:
    """Apply this revision."""
    op.add_column("paidsupport_message", sa.Column("shown", sa.Text(), nullable=True))
    bind, last = op.get_bind(), 0
    wanted = sa.select(MESSAGE.c.id, MESSAGE.c.body).where(MESSAGE.c.direction == "in")
    wanted = wanted.order_by(MESSAGE.c.id).limit(SOME)
    while rows := bind.execute(wanted.where(MESSAGE.c.id > last)).all():
        last = rows[-1].id
        for row in rows:
            if redaction.looks_like_credential(row.body):
                masked = MESSAGE.update().where(MESSAGE.c.id == row.id)
                bind.execute(masked.values(shown=redaction.masked(row.body)))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("paidsupport_message", "shown")
