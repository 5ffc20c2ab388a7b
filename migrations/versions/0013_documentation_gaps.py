"""Missing documentation: what is asked by page and by question, and the issues that came of it.

Pages that customers were pointed to are counted from the beginning.

Revision ID: 0013
Revises: 0012
"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_topic",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("guide_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('page', 'question')", name=op.f("ck_paidsupport_topic_kind")),
        sa.ForeignKeyConstraint(
            ["guide_id"], ["paidsupport_guide.id"], name=op.f("fk_paidsupport_topic_guide_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_topic")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_paidsupport_topic_kind_key")),
    )
    op.create_index(op.f("ix_paidsupport_topic_guide_id"), "paidsupport_topic", ["guide_id"], unique=False)
    op.create_table(
        "paidsupport_gap",
        sa.Column("id", BIG, nullable=False),
        sa.Column("topic_id", BIG, nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("issue_code", sa.String(length=40), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "reason IN ('nowhere', 'unhappy', 'repeated')", name=op.f("ck_paidsupport_gap_reason")
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["paidsupport_topic.id"], name=op.f("fk_paidsupport_gap_topic_id")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_gap_issue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_gap")),
        sa.UniqueConstraint("issue_id", name=op.f("uq_paidsupport_gap_issue_id")),
    )
    op.create_index(op.f("ix_paidsupport_gap_topic_id"), "paidsupport_gap", ["topic_id"], unique=False)
    op.create_index(
        "uq_paidsupport_gap_open",
        "paidsupport_gap",
        ["topic_id"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_table(
        "paidsupport_asked",
        sa.Column("id", BIG, nullable=False),
        sa.Column("topic_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("pointer_id", BIG, nullable=True),
        sa.Column("gap_id", BIG, nullable=True),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "answer IN ('', 'helped', 'not-helped', 'nowhere')", name=op.f("ck_paidsupport_asked_answer")
        ),
        sa.CheckConstraint(
            "(answer = 'nowhere') = (pointer_id IS NULL)", name=op.f("ck_paidsupport_asked_pointer")
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["paidsupport_topic.id"], name=op.f("fk_paidsupport_asked_topic_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_asked_ticket_id")
        ),
        sa.ForeignKeyConstraint(
            ["pointer_id"], ["paidsupport_pointer.id"], name=op.f("fk_paidsupport_asked_pointer_id")
        ),
        sa.ForeignKeyConstraint(["gap_id"], ["paidsupport_gap.id"], name=op.f("fk_paidsupport_asked_gap_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_asked")),
        sa.UniqueConstraint("pointer_id", "topic_id", name=op.f("uq_paidsupport_asked_pointer_id_topic_id")),
    )
    for columns in (
        ["counted_at", "topic_id"],
        ["topic_id", "gap_id", "counted_at"],
        ["ticket_id", "answer"],
        ["gap_id"],
    ):
        name = f"ix_paidsupport_asked_{'_'.join(columns)}"
        op.create_index(op.f(name), "paidsupport_asked", columns, unique=False)
    _count()


def _count() -> None:
    """Count the pages that customers were pointed to until now."""
    bind = op.get_bind()
    tables = sa.MetaData()
    pointer, topic, asked = (
        sa.Table(f"paidsupport_{name}", tables, autoload_with=bind) for name in ("pointer", "topic", "asked")
    )
    known: dict[str, int] = {}
    for row in bind.execute(sa.select(pointer).order_by(pointer.c.id)).all():
        key = _key(row.url, row.guide_id)
        if key not in known:
            new = {
                "kind": "page",
                "key": key,
                "name": row.url.partition("?")[0].partition("#")[0],
                "guide_id": row.guide_id,
                "created_at": row.asked_at,
            }
            known[key] = bind.execute(topic.insert().values(new).returning(topic.c.id)).scalar_one()
        values = {
            "topic_id": known[key],
            "ticket_id": row.ticket_id,
            "pointer_id": row.id,
            "answer": row.answer,
            "asked_at": row.asked_at,
            "counted_at": row.answered_at or row.asked_at,
        }
        bind.execute(asked.insert().values(values))


def _key(url: str, guide_id: int | None) -> str:
    if guide_id is not None:
        return f"guide-{guide_id}"
    return hashlib.sha256(url.partition("#")[0].rstrip("/").encode()).hexdigest()


def downgrade() -> None:
    """Take this revision back."""
    for table in ("paidsupport_asked", "paidsupport_gap", "paidsupport_topic"):
        op.drop_table(table)
