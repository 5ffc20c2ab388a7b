"""What happened as a log for other programs; connections to them; requests of programs, for a day.

Revision ID: 0048
Revises: 0047
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply this revision."""
    _requests()
    _log()
    _connections()


def _requests() -> None:
    name = "paidsupport_api_request"
    op.create_table(
        name,
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["paidsupport_person.id"], name=op.f(f"fk_{name}_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("person_id", "digest", name=op.f(f"uq_{name}_person_id_digest")),
    )
    op.create_index(op.f(f"ix_{name}_created_at"), name, ["created_at"])


def _log() -> None:
    name = "paidsupport_announcement"
    op.create_table(
        name,
        sa.Column("id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("issue_id", BIG, nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("actor_kind", sa.String(40), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("data", STRUCTURE, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["paidsupport_ticket.id"], name=op.f(f"fk_{name}_ticket_id")),
        sa.ForeignKeyConstraint(["issue_id"], ["paidsupport_issue.id"], name=op.f(f"fk_{name}_issue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("position", name=op.f(f"uq_{name}_position")),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{name}_reference")),
    )
    for column in ("ticket_id", "issue_id", "at"):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])
    _partial(f"ix_{name}_new", name, ["id"], "position IS NULL")


def _connections() -> None:
    name = "paidsupport_connection"
    op.create_table(
        name,
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("values", STRUCTURE, nullable=False),
        sa.Column("sealed", STRUCTURE, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{name}_reference")),
    )
    name = "paidsupport_connection_state"
    op.create_table(
        name,
        sa.Column("id", BIG, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("heard", sa.Integer(), nullable=False),
        sa.Column("watermark", STRUCTURE, nullable=False),
        sa.Column("poll_due_at", MOMENT, nullable=True),
        sa.Column("polled_at", MOMENT, nullable=True),
        sa.Column("worked_at", MOMENT, nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("stopped", sa.Text(), nullable=False),
        _of_connection(name),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("connection_id", name=op.f(f"uq_{name}_connection_id")),
    )
    _tasks()
    _remotes()


def _tasks() -> None:
    name = "paidsupport_connection_task"
    op.create_table(
        name,
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("chain", sa.String(100), nullable=False),
        sa.Column("announcement_id", BIG, nullable=True),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("issue_id", BIG, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'uncertain', 'withdrawn')",
            name=op.f(f"ck_{name}_state"),
        ),
        _of_connection(name),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["paidsupport_announcement.id"],
            name=op.f(f"fk_{name}_announcement_id"),
            ondelete="SET NULL",
        ),
        *_of_ours(name),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("reference", name=op.f(f"uq_{name}_reference")),
        sa.UniqueConstraint(
            "connection_id",
            "announcement_id",
            "what",
            name=op.f(f"uq_{name}_connection_id_announcement_id_what"),
        ),
    )
    waiting = "state IN ('queued', 'sending')"
    _partial(f"ix_{name}_waiting", name, ["state", "due_at"], waiting)
    _partial(f"ix_{name}_chain", name, ["connection_id", "chain", "id"], waiting)
    _partial(f"ix_{name}_failed", name, ["connection_id", "id"], "state IN ('failed', 'uncertain')")
    op.create_index(op.f(f"ix_{name}_connection_id_id"), name, ["connection_id", "id"])
    for column in ("ticket_id", "issue_id"):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def _remotes() -> None:
    name = "paidsupport_remote"
    op.create_table(
        name,
        sa.Column("id", BIG, nullable=False),
        sa.Column("connection_id", BIG, nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("ours", sa.String(100), nullable=False),
        sa.Column("remote", sa.String(200), nullable=True),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("issue_id", BIG, nullable=True),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("agreed", STRUCTURE, nullable=False),
        sa.Column("conflict", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("looked_at", MOMENT, nullable=True),
        _of_connection(name),
        *_of_ours(name),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("connection_id", "what", "ours", name=op.f(f"uq_{name}_connection_id_what_ours")),
        sa.UniqueConstraint(
            "connection_id", "what", "remote", name=op.f(f"uq_{name}_connection_id_what_remote")
        ),
    )
    for column in ("ticket_id", "issue_id"):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])
    _partial(f"ix_{name}_conflict", name, ["connection_id", "id"], "conflict <> ''")


def _of_connection(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["connection_id"], ["paidsupport_connection.id"], name=op.f(f"fk_{name}_connection_id")
    )


def _of_ours(name: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([f"{each}_id"], [f"paidsupport_{each}.id"], name=op.f(f"fk_{name}_{each}_id"))
        for each in ("ticket", "issue")
    ]


def _partial(index: str, table: str, columns: list[str], where: str) -> None:
    said = sa.text(where)
    op.create_index(index, table, columns, postgresql_where=said, sqlite_where=said)


def downgrade() -> None:
    """Undo this revision."""
    for name in (
        *("remote", "connection_task", "connection_state", "connection"),
        *("announcement", "api_request"),
    ):
        op.drop_table(f"paidsupport_{name}")
