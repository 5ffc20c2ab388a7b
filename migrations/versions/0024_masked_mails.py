"""Mails are kept masked, and a look at one as it arrived is written down like a look at a secret.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from paidsupport.privacy import redaction

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MAIL = sa.table(
    "paidsupport_raw_mail",
    sa.column("id", sa.BigInteger),
    sa.column("subject", sa.String),
    sa.column("text", sa.Text),
    sa.column("holds_login", sa.Boolean),
)
#: Mails read at once.
SOME = 200


def upgrade() -> None:
    """Apply this revision."""
    with op.batch_alter_table("paidsupport_raw_mail") as mail:
        mail.add_column(sa.Column("holds_login", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("paidsupport_raw_mail") as mail:
        mail.alter_column("holds_login", server_default=None)
    with op.batch_alter_table("paidsupport_look") as look:
        look.alter_column("secret_id", existing_type=BIG, nullable=True)
        look.add_column(sa.Column("mail_id", BIG, nullable=True))
        look.create_foreign_key(
            op.f("fk_paidsupport_look_mail_id"), "paidsupport_raw_mail", ["mail_id"], ["id"]
        )
        look.create_check_constraint(
            op.f("ck_paidsupport_look_what"), "(secret_id IS NULL) <> (mail_id IS NULL)"
        )
    op.create_index(
        op.f("ix_paidsupport_look_person_id_secret_id"), "paidsupport_look", ["person_id", "secret_id"]
    )
    _mask()


def _mask() -> None:
    bind, last = op.get_bind(), 0
    wanted = sa.select(MAIL.c.id, MAIL.c.subject, MAIL.c.text).order_by(MAIL.c.id).limit(SOME)
    while rows := bind.execute(wanted.where(MAIL.c.id > last)).all():
        last = rows[-1].id
        for row in rows:
            if any(redaction.looks_like_credential(text) for text in (row.subject, row.text)):
                masked = {"subject": redaction.masked(row.subject)[:200], "text": redaction.masked(row.text)}
                bind.execute(MAIL.update().where(MAIL.c.id == row.id).values(**masked, holds_login=True))


def downgrade() -> None:
    """Take it back; looks at mails are lost, for there is no place for them."""
    op.execute("DELETE FROM paidsupport_look WHERE secret_id IS NULL")
    op.drop_index(op.f("ix_paidsupport_look_person_id_secret_id"), table_name="paidsupport_look")
    with op.batch_alter_table("paidsupport_look") as look:
        look.drop_constraint(op.f("ck_paidsupport_look_what"), type_="check")
        look.drop_constraint(op.f("fk_paidsupport_look_mail_id"), type_="foreignkey")
        look.drop_column("mail_id")
        look.alter_column("secret_id", existing_type=BIG, nullable=False)
    with op.batch_alter_table("paidsupport_raw_mail") as mail:
        mail.drop_column("holds_login")
