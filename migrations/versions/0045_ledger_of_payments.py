"""Who is paid for a service; the ledger of payments with their providers, refunds and tasks.

What stands here is true before and after: orders are paid to their developer, all other work after it; an
invoice that was marked as paid has been paid by one payment; what a credit note paid back was refunded.

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
TICKET, SERVICE, PAYMENT = "paidsupport_ticket", "paidsupport_service", "paidsupport_payment"
STEPS = (
    "'beginning', 'open', 'approved', 'pending', 'said', 'received', 'ended', 'reversed', 'disputed',"
    " 'strange'"
)
UNDER_WAY = "'approved', 'beginning', 'open', 'pending', 'said'"


def upgrade() -> None:
    """Apply this revision."""
    for table in (SERVICE, TICKET):
        op.add_column(table, sa.Column("payee", sa.String(40), nullable=False, server_default="developer"))
        op.execute(f"UPDATE {table} SET payee = 'after' WHERE workflow IN ('request', 'sales')")  # noqa: S608  # names of ours
    op.add_column(TICKET, sa.Column("paid_minor", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(TICKET, sa.Column("refunded_minor", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(TICKET, sa.Column("payment_mark", sa.String(40), nullable=False, server_default=""))
    _widen_payments()
    _create_tables()
    _take_over()


def _widen_payments() -> None:
    with op.batch_alter_table(PAYMENT) as batch:
        batch.alter_column("received_on", existing_type=sa.Date(), nullable=True)
        batch.add_column(sa.Column("step", sa.String(40), nullable=False, server_default="received"))
        batch.add_column(sa.Column("received_minor", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("refunded_minor", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("remote", sa.String(100), nullable=True))
        batch.add_column(sa.Column("capture", sa.String(100), nullable=False, server_default=""))
        batch.add_column(sa.Column("version", sa.String(200), nullable=False, server_default=""))
        batch.add_column(sa.Column("address", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("uri", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("until", MOMENT, nullable=True))
        batch.add_column(sa.Column("test", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("problem", sa.Text(), nullable=False, server_default=""))
        batch.create_unique_constraint(op.f("uq_paidsupport_payment_provider_remote"), ["provider", "remote"])
        batch.create_check_constraint(op.f("ck_paidsupport_payment_step"), f"step IN ({STEPS})")
        batch.create_check_constraint(
            op.f("ck_paidsupport_payment_received"),
            "received_minor >= 0 AND refunded_minor >= 0 AND refunded_minor <= received_minor",
        )
    op.create_index(op.f("ix_paidsupport_payment_received_on_id"), PAYMENT, ["received_on", "id"])
    where = sa.text(f"step IN ({UNDER_WAY})")
    op.create_index(
        "ix_paidsupport_payment_under_way", PAYMENT, ["id"], postgresql_where=where, sqlite_where=where
    )


def _create_tables() -> None:
    op.create_table(
        "paidsupport_payment_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("event", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("payment_id", BIG, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["paidsupport_payment.id"], name=op.f("fk_paidsupport_payment_event_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_payment_event")),
        sa.UniqueConstraint("provider", "event", name=op.f("uq_paidsupport_payment_event_provider_event")),
    )
    op.create_index(
        op.f("ix_paidsupport_payment_event_payment_id"), "paidsupport_payment_event", ["payment_id"]
    )
    op.create_index(op.f("ix_paidsupport_payment_event_at"), "paidsupport_payment_event", ["at"])
    op.create_table(
        "paidsupport_payment_refund",
        sa.Column("id", BIG, nullable=False),
        sa.Column("payment_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_paidsupport_payment_refund_amount")),
        sa.CheckConstraint(
            "state IN ('asked', 'pending', 'done', 'failed')",
            name=op.f("ck_paidsupport_payment_refund_state"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["paidsupport_payment.id"], name=op.f("fk_paidsupport_payment_refund_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_payment_refund_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_payment_refund")),
        sa.UniqueConstraint(
            "payment_id", "reference", name=op.f("uq_paidsupport_payment_refund_payment_id_reference")
        ),
    )
    op.create_index(
        op.f("ix_paidsupport_payment_refund_ticket_id_id"), "paidsupport_payment_refund", ["ticket_id", "id"]
    )
    op.create_table(
        "paidsupport_payment_task",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("payment_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("refund_id", BIG, nullable=True),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "what IN ('begin', 'look', 'capture', 'refund')", name=op.f("ck_paidsupport_payment_task_what")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'withdrawn')",
            name=op.f("ck_paidsupport_payment_task_state"),
        ),
        sa.CheckConstraint(
            "(what = 'refund') = (refund_id IS NOT NULL)", name=op.f("ck_paidsupport_payment_task_refund")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["paidsupport_payment.id"], name=op.f("fk_paidsupport_payment_task_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_payment_task_ticket_id")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"],
            ["paidsupport_payment_refund.id"],
            name=op.f("fk_paidsupport_payment_task_refund_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_payment_task")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_payment_task_reference")),
    )
    op.create_index(
        op.f("ix_paidsupport_payment_task_payment_id_id"), "paidsupport_payment_task", ["payment_id", "id"]
    )
    op.create_index(op.f("ix_paidsupport_payment_task_ticket_id"), "paidsupport_payment_task", ["ticket_id"])
    queued, waiting = sa.text("state = 'queued'"), sa.text("state IN ('queued', 'sending')")
    op.create_index(
        "uq_paidsupport_payment_task_queued",
        "paidsupport_payment_task",
        ["payment_id"],
        unique=True,
        postgresql_where=queued,
        sqlite_where=queued,
    )
    op.create_index(
        "ix_paidsupport_payment_task_waiting",
        "paidsupport_payment_task",
        ["state", "due_at"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )
    op.create_table(
        "paidsupport_payment_provider",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("values", STRUCTURE, nullable=False),
        sa.Column("sealed", STRUCTURE, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_payment_provider")),
        sa.UniqueConstraint("kind", name=op.f("uq_paidsupport_payment_provider_kind")),
    )


def _take_over() -> None:
    op.execute(f"UPDATE {PAYMENT} SET received_minor = amount_minor")  # noqa: S608  # names of ours
    # a day in UTC is near enough for what was paid before there were payments
    op.execute(
        f"INSERT INTO {PAYMENT} (ticket_id, provider, reference, amount_minor, currency, received_on, payee,"  # noqa: S608  # as above
        " noted_by, noted_at, received_minor, refunded_minor)"
        " SELECT i.ticket_id, 'invoice', i.reference, i.total_minor, i.currency, date(i.paid_at), '',"
        " i.issued_by, i.paid_at, i.total_minor,"
        " CASE WHEN c.state = 'paid' THEN i.total_minor ELSE 0 END"
        " FROM paidsupport_invoice i LEFT JOIN paidsupport_invoice c ON c.credits_id = i.id"
        " WHERE i.kind = 'invoice' AND i.paid_at IS NOT NULL AND i.total_minor > 0"
    )
    op.execute(
        "INSERT INTO paidsupport_payment_refund (payment_id, ticket_id, reference, amount_minor, state,"
        " reason, asked_by, asked_at, done_at, problem)"
        " SELECT p.id, p.ticket_id, c.reference, p.refunded_minor, 'done', '', c.issued_by, c.issued_at,"
        " c.paid_at, ''"
        " FROM paidsupport_payment p"
        " JOIN paidsupport_invoice i ON p.provider = 'invoice' AND i.reference = p.reference"
        " JOIN paidsupport_invoice c ON c.credits_id = i.id AND c.state = 'paid'"
    )
    theirs = f"FROM {PAYMENT} p WHERE p.ticket_id = {TICKET}.id AND p.undone_at IS NULL"
    op.execute(
        f"UPDATE {TICKET} SET"  # noqa: S608  # as above
        f" paid_minor = (SELECT coalesce(sum(p.received_minor - p.refunded_minor), 0) {theirs}),"
        f" refunded_minor = (SELECT coalesce(sum(p.refunded_minor), 0) {theirs})"
        f" WHERE EXISTS (SELECT 1 {theirs})"
    )


def downgrade() -> None:
    """Take it back; what customers paid in other ways than directly or by invoice is lost."""
    op.drop_table("paidsupport_payment_provider")
    op.drop_table("paidsupport_payment_task")
    op.drop_table("paidsupport_payment_refund")
    op.drop_table("paidsupport_payment_event")
    op.drop_index("ix_paidsupport_payment_under_way", PAYMENT)
    op.drop_index(op.f("ix_paidsupport_payment_received_on_id"), PAYMENT)
    op.execute(f"DELETE FROM {PAYMENT} WHERE provider <> 'direct' OR received_on IS NULL")  # noqa: S608  # as above
    with op.batch_alter_table(PAYMENT) as batch:
        batch.drop_constraint(op.f("ck_paidsupport_payment_received"), type_="check")
        batch.drop_constraint(op.f("ck_paidsupport_payment_step"), type_="check")
        batch.drop_constraint(op.f("uq_paidsupport_payment_provider_remote"), type_="unique")
        for column in (
            *("problem", "test", "until", "uri", "address", "version", "capture", "remote"),
            *("refunded_minor", "received_minor", "step"),
        ):
            batch.drop_column(column)
        batch.alter_column("received_on", existing_type=sa.Date(), nullable=False)
    for column in ("payment_mark", "refunded_minor", "paid_minor", "payee"):
        op.drop_column(TICKET, column)
    op.drop_column(SERVICE, "payee")
