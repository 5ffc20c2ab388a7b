"""Lines of bank statements, with the tickets that they are for.

Revision ID: 0046
Revises: 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
LINE = "paidsupport_bank_line"


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        LINE,
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("imported", sa.String(40), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("is_debit", sa.Boolean(), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.Column("bank_reference", sa.String(200), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("end_to_end", sa.String(200), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("iban", sa.String(200), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("payment_id", BIG, nullable=True),
        sa.Column("reverses_id", BIG, nullable=True),
        sa.Column("assigned", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.String(200), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'matched', 'aside', 'reversed')", name=op.f("ck_paidsupport_bank_line_state")
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_paidsupport_bank_line_amount")),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["paidsupport_payment.id"],
            name=op.f("fk_paidsupport_bank_line_payment_id_paidsupport_payment"),
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            [f"{LINE}.id"],
            name=op.f("fk_paidsupport_bank_line_reverses_id_paidsupport_bank_line"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["paidsupport_ticket.id"],
            name=op.f("fk_paidsupport_bank_line_ticket_id_paidsupport_ticket"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_bank_line")),
        sa.UniqueConstraint("key", name=op.f("uq_paidsupport_bank_line_key")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_paidsupport_bank_line_payment_id")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_paidsupport_bank_line_reverses_id")),
    )
    for columns in (
        ["state", "is_debit", "day", "id"],
        ["ticket_id"],
        ["account", "is_reversal", "state"],
    ):
        op.create_index(op.f(f"ix_{LINE}_{'_'.join(columns)}"), LINE, columns)


def downgrade() -> None:
    """Take it back; the lines are lost, their payments stay."""
    op.drop_table(LINE)
