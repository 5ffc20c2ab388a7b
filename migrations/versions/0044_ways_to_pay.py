"""Ways to pay that managers keep, and what staff fill in for them.

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_way_to_pay",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("hint", sa.String(200), nullable=False),
        sa.Column("example", sa.String(200), nullable=False),
        sa.Column("check_for", sa.String(40), nullable=False),
        sa.Column("translations", STRUCTURE, server_default="{}", nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "check_for IN ('none', 'email', 'iban', 'address')",
            name=op.f("ck_paidsupport_way_to_pay_check_for"),
        ),
        sa.CheckConstraint(
            "state IN ('offered', 'retired', 'removed')", name=op.f("ck_paidsupport_way_to_pay_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_way_to_pay")),
        sa.UniqueConstraint("name", name=op.f("uq_paidsupport_way_to_pay_name")),
    )
    op.add_column(
        "paidsupport_person", sa.Column("pay_details", STRUCTURE, server_default="{}", nullable=False)
    )


def downgrade() -> None:
    """Take it back; what staff filled in for ways is lost."""
    op.drop_column("paidsupport_person", "pay_details")
    op.drop_table("paidsupport_way_to_pay")
