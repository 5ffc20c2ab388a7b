"""Tags, and duplicates that are merged into another ticket.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MERGED = sa.text("merged_into_id IS NOT NULL")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_tag",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("folded", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_tag_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_tag")),
        sa.UniqueConstraint("ticket_id", "folded", name=op.f("uq_paidsupport_tag_ticket_id_folded")),
    )
    op.create_index(
        op.f("ix_paidsupport_tag_folded_ticket_id"), "paidsupport_tag", ["folded", "ticket_id"], unique=False
    )
    # with the column, for SQLite adds no constraint later without copying the whole table
    op.execute(
        f"ALTER TABLE paidsupport_ticket ADD COLUMN merged_into_id {_big()}"
        " CONSTRAINT fk_paidsupport_ticket_merged_into_id REFERENCES paidsupport_ticket (id)"
        " CONSTRAINT ck_paidsupport_ticket_merged CHECK (merged_into_id IS NULL OR part = 'closed')"
    )
    op.create_index(
        "ix_paidsupport_ticket_merged_into_id",
        "paidsupport_ticket",
        ["merged_into_id"],
        unique=False,
        postgresql_where=MERGED,
        sqlite_where=MERGED,
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index(
        "ix_paidsupport_ticket_merged_into_id",
        table_name="paidsupport_ticket",
        postgresql_where=MERGED,
        sqlite_where=MERGED,
    )
    op.execute("ALTER TABLE paidsupport_ticket DROP COLUMN merged_into_id")
    op.drop_index(op.f("ix_paidsupport_tag_folded_ticket_id"), table_name="paidsupport_tag")
    op.drop_table("paidsupport_tag")


def _big() -> str:
    return "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
