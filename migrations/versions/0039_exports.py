"""Exports that managers ask for in the browser.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STATES = "'queued', 'running', 'ready', 'failed', 'expired'"


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_export",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("about", sa.String(200), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("with_notes", sa.Boolean(), nullable=False),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("asked_by_name", sa.String(200), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("lines", BIG, nullable=False),
        sa.Column("total", BIG, nullable=False),
        sa.Column("storage_key", sa.String(40), nullable=True),
        sa.Column("size", BIG, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_export_asked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_export")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_export_reference")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_paidsupport_export_storage_key")),
        sa.CheckConstraint("kind IN ('all', 'customer')", name=op.f("ck_paidsupport_export_kind")),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_paidsupport_export_state")),
        sa.CheckConstraint(
            "(state = 'ready') = (storage_key IS NOT NULL)", name=op.f("ck_paidsupport_export_ready")
        ),
    )
    op.create_index(op.f("ix_paidsupport_export_state_id"), "paidsupport_export", ["state", "id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("paidsupport_export")
