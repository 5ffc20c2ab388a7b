"""Invitations to work at the desk, and when tokens were last used.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("accepted_at IS NULL AND withdrawn_at IS NULL")


def upgrade() -> None:
    """Apply this revision."""
    op.add_column("paidsupport_token", sa.Column("last_used_at", MOMENT, nullable=True))
    op.create_table(
        "paidsupport_invitation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(200), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("invited_by", sa.String(200), nullable=False),
        sa.Column("invited_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("withdrawn_by", sa.String(200), nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('developer', 'manager')", name=op.f("ck_paidsupport_invitation_role")),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'withdrawn')",
            name=op.f("ck_paidsupport_invitation_state"),
        ),
        sa.CheckConstraint(
            "(accepted_at IS NULL) = (person_id IS NULL)", name=op.f("ck_paidsupport_invitation_accepted")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_invitation_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_invitation")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_invitation_reference")),
    )
    op.create_index(
        "uq_paidsupport_invitation_open",
        "paidsupport_invitation",
        ["address"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("paidsupport_invitation")
    op.drop_column("paidsupport_token", "last_used_at")
