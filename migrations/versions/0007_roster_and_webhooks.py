"""The roster, the steps of what climbs on it, and deliveries to a webhook.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVE = sa.text("removed_at IS NULL")
WAITING = sa.text("state IN ('queued', 'sending')")
MANAGERS = sa.text("person_id IS NULL")
FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_shift",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *_trace(),
        sa.CheckConstraint("(weekday IS NULL) <> (day IS NULL)", name=op.f("ck_paidsupport_shift_when")),
        sa.CheckConstraint(
            "weekday IS NULL OR weekday BETWEEN 0 AND 6", name=op.f("ck_paidsupport_shift_weekday")
        ),
        sa.CheckConstraint(
            "starts >= 0 AND starts < ends AND ends <= 1440", name=op.f("ck_paidsupport_shift_hours")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_shift_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_shift")),
    )
    for column in ("weekday", "day"):
        _unique_while_live("shift", column, ["person_id", column, "starts", "ends"])
    op.create_table(
        "paidsupport_absence",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("substitute_id", BIG, nullable=True),
        *_trace(),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_paidsupport_absence_days")),
        sa.CheckConstraint(
            "substitute_id IS NULL OR substitute_id <> person_id",
            name=op.f("ck_paidsupport_absence_substitute"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_absence_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_absence_substitute_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_absence")),
    )
    _unique_while_live("absence", "days", ["person_id", "first_day", "last_day"])
    op.create_table(
        "paidsupport_cascade_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("step >= 1", name=op.f("ck_paidsupport_cascade_step_step")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_cascade_step_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_cascade_step_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_cascade_step")),
        sa.UniqueConstraint(
            "ticket_id",
            "round",
            "person_id",
            name=op.f("uq_paidsupport_cascade_step_ticket_id_round_person_id"),
        ),
        sa.UniqueConstraint(
            "ticket_id", "round", "step", name=op.f("uq_paidsupport_cascade_step_ticket_id_round_step")
        ),
    )
    op.create_index(
        "uq_paidsupport_cascade_step_last",
        "paidsupport_cascade_step",
        ["ticket_id", "round"],
        unique=True,
        postgresql_where=MANAGERS,
        sqlite_where=MANAGERS,
    )
    op.create_table(
        "paidsupport_delivery",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'delivered', 'failed')",
            name=op.f("ck_paidsupport_delivery_state"),
        ),
        sa.CheckConstraint(
            "(state = 'delivered') = (delivered_at IS NOT NULL)",
            name=op.f("ck_paidsupport_delivery_delivered"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_delivery_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_delivery")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_delivery_reference")),
    )
    for name, columns, which in (("waiting", ["state", "due_at"], WAITING), ("failed", ["id"], FAILED)):
        op.create_index(
            f"ix_paidsupport_delivery_{name}",
            "paidsupport_delivery",
            columns,
            unique=False,
            postgresql_where=which,
            sqlite_where=which,
        )


def _trace() -> list[sa.Column[object]]:
    """Who put a line on the roster and who took it off."""
    return [
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.String(length=200), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
    ]


def _unique_while_live(table: str, name: str, columns: list[str]) -> None:
    op.create_index(
        f"uq_paidsupport_{table}_{name}",
        f"paidsupport_{table}",
        columns,
        unique=True,
        postgresql_where=LIVE,
        sqlite_where=LIVE,
    )


def downgrade() -> None:
    """Take this revision back."""
    for table in ("delivery", "cascade_step", "absence", "shift"):
        op.drop_table(f"paidsupport_{table}")
