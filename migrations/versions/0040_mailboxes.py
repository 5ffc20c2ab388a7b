"""Mailboxes that managers enter.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_mailbox_account",
        sa.Column("id", BIG, nullable=False),
        sa.Column("host", sa.String(200), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("security", sa.String(40), nullable=False),
        sa.Column("login", sa.String(200), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("password_at", MOMENT, nullable=False),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("move", sa.String(200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_mailbox_account")),
        sa.UniqueConstraint(
            "login",
            "host",
            "port",
            "folder",
            name=op.f("uq_paidsupport_mailbox_account_login_host_port_folder"),
        ),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("paidsupport_mailbox_account")
