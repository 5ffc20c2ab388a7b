"""What was moved in from other systems, and the runs that do it.

Revision ID: 0049
Revises: 0048
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STRUCTURE = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Apply this revision."""
    op.add_column("paidsupport_ticket", sa.Column("moved_in_at", MOMENT, nullable=True))
    op.create_table(
        "paidsupport_imported",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(40), nullable=False),
        sa.Column("row_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_imported")),
        sa.UniqueConstraint(
            "source", "kind", "source_id", name=op.f("uq_paidsupport_imported_source_kind_source_id")
        ),
    )
    op.create_table(
        "paidsupport_import",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("dry", sa.Boolean(), nullable=False),
        sa.Column("options", STRUCTURE, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("storage_key", sa.String(40), nullable=True),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("counts", STRUCTURE, nullable=False),
        sa.Column("remarks", STRUCTURE, nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("started_by_id", BIG, nullable=True),
        sa.Column("started_by_name", sa.String(200), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('drafted', 'queued', 'running', 'done', 'failed')",
            name=op.f("ck_paidsupport_import_state"),
        ),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_import_started_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_import")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_import_reference")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_paidsupport_import_storage_key")),
    )
    op.create_index(op.f("ix_paidsupport_import_state_id"), "paidsupport_import", ["state", "id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("paidsupport_import")
    op.drop_table("paidsupport_imported")
    op.drop_column("paidsupport_ticket", "moved_in_at")
