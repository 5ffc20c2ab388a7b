"""How customers rate the work.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "paidsupport_rating"


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        TABLE,
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("choice", sa.String(40), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "choice IN ('', 'great', 'okay', 'bad')", name=op.f("ck_paidsupport_rating_choice")
        ),
        sa.CheckConstraint("(choice = '') = (rated_at IS NULL)", name=op.f("ck_paidsupport_rating_rated")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_rating_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_rating")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_paidsupport_rating_ticket_id")),
    )
    op.create_index(op.f("ix_paidsupport_rating_asked_at"), TABLE, ["asked_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table(TABLE)
