"""Invoices, their lines, and the counters of their numbers.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
DRAFT = sa.text("state = 'draft'")
COUNTS = sa.text("counts")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_invoice_counter",
        sa.Column("id", BIG, nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("ck_paidsupport_invoice_counter_last")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_invoice_counter")),
        sa.UniqueConstraint("series", name=op.f("uq_paidsupport_invoice_counter_series")),
    )
    op.create_table(
        "paidsupport_invoice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("credits_id", BIG, nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("seller", STRUCTURE, nullable=False),
        sa.Column("buyer_name", sa.String(length=200), nullable=False),
        sa.Column("buyer_street", sa.String(length=200), nullable=False),
        sa.Column("buyer_postcode", sa.String(length=40), nullable=False),
        sa.Column("buyer_city", sa.String(length=200), nullable=False),
        sa.Column("buyer_country", sa.String(length=2), nullable=False),
        sa.Column("buyer_email", sa.String(length=200), nullable=False),
        sa.Column("buyer_vat_id", sa.String(length=40), nullable=False),
        sa.Column("buyer_reference", sa.String(length=200), nullable=False),
        sa.Column("untaxed", sa.String(length=40), nullable=False),
        sa.Column("untaxed_reason", sa.Text(), nullable=False),
        sa.Column("pay_days", sa.Integer(), nullable=False),
        sa.Column("net_minor", sa.Integer(), nullable=False),
        sa.Column("tax_minor", sa.Integer(), nullable=False),
        sa.Column("total_minor", sa.Integer(), nullable=False),
        sa.Column("drafted_by", sa.String(length=200), nullable=False),
        sa.Column("drafted_at", MOMENT, nullable=False),
        sa.Column("issued_by", sa.String(length=200), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("paid_at", MOMENT, nullable=True),
        sa.Column("cancelled_at", MOMENT, nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("letter_id", BIG, nullable=True),
        sa.Column("emptied_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(kind = 'credit-note') = (credits_id IS NOT NULL)", name=op.f("ck_paidsupport_invoice_credits")
        ),
        sa.CheckConstraint(
            "(state <> 'draft' OR number IS NULL)"
            " AND (number IS NOT NULL OR state IN ('draft', 'cancelled'))",
            name=op.f("ck_paidsupport_invoice_numbered"),
        ),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)",
            name=op.f("ck_paidsupport_invoice_cancelled"),
        ),
        sa.CheckConstraint("kind IN ('invoice', 'credit-note')", name=op.f("ck_paidsupport_invoice_kind")),
        sa.CheckConstraint(
            "state <> 'paid' OR paid_at IS NOT NULL", name=op.f("ck_paidsupport_invoice_paid")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'issued', 'paid', 'cancelled')", name=op.f("ck_paidsupport_invoice_state")
        ),
        sa.CheckConstraint(
            "(number IS NULL) = (issued_at IS NULL) AND (number IS NULL) = (issued_on IS NULL)"
            " AND (number IS NULL) = (due_on IS NULL)",
            name=op.f("ck_paidsupport_invoice_issued"),
        ),
        sa.CheckConstraint("(number IS NULL) = (series IS NULL)", name=op.f("ck_paidsupport_invoice_series")),
        sa.CheckConstraint("number IS NULL OR number > 0", name=op.f("ck_paidsupport_invoice_number")),
        sa.CheckConstraint(
            "total_minor = net_minor + tax_minor AND net_minor >= 0",
            name=op.f("ck_paidsupport_invoice_total"),
        ),
        sa.ForeignKeyConstraint(
            ["credits_id"], ["paidsupport_invoice.id"], name=op.f("fk_paidsupport_invoice_credits_id")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["paidsupport_letter.id"], name=op.f("fk_paidsupport_invoice_letter_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_invoice_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_invoice")),
        sa.UniqueConstraint("credits_id", name=op.f("uq_paidsupport_invoice_credits_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_invoice_reference")),
        sa.UniqueConstraint("series", "number", name=op.f("uq_paidsupport_invoice_series_number")),
    )
    op.create_index(
        op.f("ix_paidsupport_invoice_state_id"), "paidsupport_invoice", ["state", "id"], unique=False
    )
    op.create_index(
        op.f("ix_paidsupport_invoice_ticket_id_id"), "paidsupport_invoice", ["ticket_id", "id"], unique=False
    )
    op.create_index(
        "uq_paidsupport_invoice_draft",
        "paidsupport_invoice",
        ["ticket_id"],
        unique=True,
        postgresql_where=DRAFT,
        sqlite_where=DRAFT,
    )
    op.create_table(
        "paidsupport_invoice_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("invoice_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("work", sa.String(length=40), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_minor", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("net_minor", sa.Integer(), nullable=False),
        sa.Column("tax_minor", sa.Integer(), nullable=False),
        sa.Column("gross_minor", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "gross_minor = net_minor + tax_minor AND net_minor >= 0",
            name=op.f("ck_paidsupport_invoice_line_gross"),
        ),
        sa.CheckConstraint(
            "gross_minor = quantity * unit_minor", name=op.f("ck_paidsupport_invoice_line_unit")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_paidsupport_invoice_line_quantity")),
        sa.CheckConstraint("rate >= 0 AND rate <= 10000", name=op.f("ck_paidsupport_invoice_line_rate")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["paidsupport_invoice.id"], name=op.f("fk_paidsupport_invoice_line_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_invoice_line_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_invoice_line")),
        sa.UniqueConstraint(
            "invoice_id", "position", name=op.f("uq_paidsupport_invoice_line_invoice_id_position")
        ),
    )
    op.create_index(
        "uq_paidsupport_invoice_line_work",
        "paidsupport_invoice_line",
        ["ticket_id", "work"],
        unique=True,
        postgresql_where=COUNTS,
        sqlite_where=COUNTS,
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index(
        "uq_paidsupport_invoice_line_work",
        table_name="paidsupport_invoice_line",
        postgresql_where=COUNTS,
        sqlite_where=COUNTS,
    )
    op.drop_table("paidsupport_invoice_line")
    op.drop_index(
        "uq_paidsupport_invoice_draft",
        table_name="paidsupport_invoice",
        postgresql_where=DRAFT,
        sqlite_where=DRAFT,
    )
    op.drop_index(op.f("ix_paidsupport_invoice_ticket_id_id"), table_name="paidsupport_invoice")
    op.drop_index(op.f("ix_paidsupport_invoice_state_id"), table_name="paidsupport_invoice")
    op.drop_table("paidsupport_invoice")
    op.drop_table("paidsupport_invoice_counter")
