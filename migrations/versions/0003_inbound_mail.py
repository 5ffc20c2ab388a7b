"""Mail that comes in: every mail as it arrived, and how far each mailbox was read.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UNSETTLED = sa.text("settled_at IS NULL")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_mailbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("uid_validity", BIG, nullable=True),
        sa.Column("last_uid", BIG, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_mailbox")),
        sa.UniqueConstraint("name", name=op.f("uq_paidsupport_mailbox_name")),
    )
    op.create_table(
        "paidsupport_raw_mail",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("header_id", sa.String(length=250), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("storage_key", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sender", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("message_id", BIG, nullable=True),
        sa.CheckConstraint(
            "state <> 'filed' OR message_id IS NOT NULL", name=op.f("ck_paidsupport_raw_mail_filed")
        ),
        sa.CheckConstraint(
            "settled_at IS NULL OR state = 'filed' OR reason <> ''",
            name=op.f("ck_paidsupport_raw_mail_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('kept', 'filed', 'ignored', 'quarantined', 'failed')",
            name=op.f("ck_paidsupport_raw_mail_state"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["paidsupport_message.id"], name=op.f("fk_paidsupport_raw_mail_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_raw_mail_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_raw_mail")),
        sa.UniqueConstraint(
            "header_id", "content_hash", name=op.f("uq_paidsupport_raw_mail_header_id_content_hash")
        ),
        sa.UniqueConstraint("message_id", name=op.f("uq_paidsupport_raw_mail_message_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_raw_mail_reference")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_paidsupport_raw_mail_storage_key")),
    )
    op.create_index(
        op.f("ix_paidsupport_raw_mail_state_id"), "paidsupport_raw_mail", ["state", "id"], unique=False
    )
    op.create_index(
        op.f("ix_paidsupport_raw_mail_ticket_id"), "paidsupport_raw_mail", ["ticket_id"], unique=False
    )
    op.create_index(
        "ix_paidsupport_raw_mail_unsettled",
        "paidsupport_raw_mail",
        ["id"],
        unique=False,
        postgresql_where=UNSETTLED,
        sqlite_where=UNSETTLED,
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index(
        "ix_paidsupport_raw_mail_unsettled",
        table_name="paidsupport_raw_mail",
        postgresql_where=UNSETTLED,
        sqlite_where=UNSETTLED,
    )
    op.drop_index(op.f("ix_paidsupport_raw_mail_ticket_id"), table_name="paidsupport_raw_mail")
    op.drop_index(op.f("ix_paidsupport_raw_mail_state_id"), table_name="paidsupport_raw_mail")
    op.drop_table("paidsupport_raw_mail")
    op.drop_table("paidsupport_mailbox")
