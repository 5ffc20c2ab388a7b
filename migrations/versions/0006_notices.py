"""Notices: who is told of what, how they want it, who watches; nobody is told of what was before.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UNREAD = sa.text("read_at IS NULL")
WAITING = sa.text("letter_id IS NULL AND read_at IS NULL AND way IN ('now', 'digest')")
CONCERNS = ("mention", "mine", "watching", "unassigned")


def upgrade() -> None:
    """Apply this revision."""
    progress = op.create_table(
        "paidsupport_notice_progress",
        sa.Column("id", BIG, nullable=False),
        sa.Column("last_event", BIG, nullable=False),
        sa.Column("gaps", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_notice_progress")),
    )
    newest = op.get_bind().scalar(sa.text("SELECT max(id) FROM paidsupport_event"))
    op.bulk_insert(progress, [{"id": 1, "last_event": newest or 0, "gaps": []}])
    op.create_table(
        "paidsupport_notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("concern", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("letter_id", BIG, nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "concern IN ('mention', 'mine', 'watching', 'unassigned')",
            name=op.f("ck_paidsupport_notice_concern"),
        ),
        sa.CheckConstraint("way IN ('now', 'digest', 'page')", name=op.f("ck_paidsupport_notice_way")),
        *(
            sa.ForeignKeyConstraint(
                [f"{other}_id"], [f"paidsupport_{other}.id"], name=op.f(f"fk_paidsupport_notice_{other}_id")
            )
            for other in ("person", "ticket", "letter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_notice")),
        sa.UniqueConstraint(
            "ticket_id", "number", "person_id", name=op.f("uq_paidsupport_notice_ticket_id_number_person_id")
        ),
    )
    op.create_index(op.f("ix_paidsupport_notice_at"), "paidsupport_notice", ["at"])
    op.create_index(op.f("ix_paidsupport_notice_person_id_id"), "paidsupport_notice", ["person_id", "id"])
    for name, columns, which in (
        ("unread", ["person_id"], UNREAD),
        ("waiting", ["way", "ticket_id", "person_id"], WAITING),
    ):
        op.create_index(
            f"ix_paidsupport_notice_{name}",
            "paidsupport_notice",
            columns,
            postgresql_where=which,
            sqlite_where=which,
        )
    op.create_table(
        "paidsupport_preference",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        *(sa.Column(concern, sa.String(length=40), nullable=False) for concern in CONCERNS),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("digested_on", sa.Date(), nullable=True),
        *(
            sa.CheckConstraint(
                f"{concern} IN ('now', 'digest', 'page', 'off')",
                name=op.f(f"ck_paidsupport_preference_{concern}"),
            )
            for concern in CONCERNS
        ),
        sa.CheckConstraint("digest_hour BETWEEN 0 AND 23", name=op.f("ck_paidsupport_preference_hour")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_preference_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_preference")),
        sa.UniqueConstraint("person_id", name=op.f("uq_paidsupport_preference_person_id")),
    )
    op.create_table(
        "paidsupport_watcher",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{other}_id"], [f"paidsupport_{other}.id"], name=op.f(f"fk_paidsupport_watcher_{other}_id")
            )
            for other in ("ticket", "person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_watcher")),
        sa.UniqueConstraint(
            "ticket_id", "person_id", name=op.f("uq_paidsupport_watcher_ticket_id_person_id")
        ),
    )


def downgrade() -> None:
    """Take this revision back."""
    for name in ("watcher", "preference", "notice", "notice_progress"):
        op.drop_table(f"paidsupport_{name}")
