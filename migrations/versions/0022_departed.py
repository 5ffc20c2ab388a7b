"""Emails that a restored database knows from the journal alone.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "paidsupport_departed"


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        TABLE,
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("audience", sa.String(40), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("met_by", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["paidsupport_ticket.id"],
            name=op.f("fk_paidsupport_departed_ticket_id_paidsupport_ticket"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_departed")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_departed_reference")),
    )
    op.create_index(op.f("ix_paidsupport_departed_ticket_id"), TABLE, ["ticket_id"])


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table(TABLE)
