"""Scopes of tokens: those that there are keep what they can do.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLE = "paidsupport_token"
MANAGERS = sa.text(
    "UPDATE paidsupport_token SET scope = 'manage'"
    " WHERE person_id IN (SELECT id FROM paidsupport_person WHERE role = 'manager')"
)


def upgrade() -> None:
    """Apply this revision."""
    with op.batch_alter_table(TABLE) as table:
        table.add_column(sa.Column("scope", sa.String(40), nullable=False, server_default="write"))
        table.create_check_constraint(
            op.f("ck_paidsupport_token_scope"), "scope IN ('read', 'write', 'manage')"
        )
    op.execute(MANAGERS)
    with op.batch_alter_table(TABLE) as table:
        table.alter_column("scope", server_default=None)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table(TABLE) as table:
        table.drop_constraint(op.f("ck_paidsupport_token_scope"), type_="check")
        table.drop_column("scope")
