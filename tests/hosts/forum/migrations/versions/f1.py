"""The first tables of the forum."""

import sqlalchemy as sa
from alembic import op

revision = "f1"
down_revision = None


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "member",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False),
    )
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("member_id", sa.Uuid(), sa.ForeignKey("member.id"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("post")
    op.drop_table("member")
