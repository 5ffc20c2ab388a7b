"""Versions of services, and the history of the configuration; each service and ticket gets version 1.

Revision ID: 0037
Revises: 0036
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
START = "0" * 64
#: Both refer to a version; the second one says whose checklist was taken over since.
REFERRING = ("service_version_id", "checklist_version_id")


def _table(name: str, /, **columns: sa.types.TypeEngine[Any]) -> sa.TableClause:
    return sa.table(f"paidsupport_{name}", *(sa.column(key, type_) for key, type_ in columns.items()))


TEXT, NUMBER, FLAG = sa.Text(), sa.Integer(), sa.Boolean()
SERVICE = _table(
    "service",
    id=BIG,
    slug=TEXT,
    name=TEXT,
    summary=TEXT,
    description=TEXT,
    settings_help=TEXT,
    price_minor=NUMBER,
    currency=TEXT,
    workflow=TEXT,
    asks_host=FLAG,
    deadlines=STRUCTURE,
    traits=STRUCTURE,
    purposes=STRUCTURE,
    translations=STRUCTURE,
)
REQUIREMENT = _table("requirement", service_id=BIG, position=NUMBER, text=TEXT)
QUESTION = _table(
    "question",
    service_id=BIG,
    position=NUMBER,
    name=TEXT,
    label=TEXT,
    kind=TEXT,
    required=FLAG,
    help=TEXT,
    choices=STRUCTURE,
    shown_by=TEXT,
    shown_value=TEXT,
    moment=TEXT,
    trait=TEXT,
    trait_value=TEXT,
)
RULES = _table("deadline_rules", workflow=TEXT, rules=STRUCTURE)
ITEM = _table(
    "checklist_item",
    position=NUMBER,
    name=TEXT,
    text=TEXT,
    reason=TEXT,
    told=TEXT,
    phase=TEXT,
    services=STRUCTURE,
    traits=STRUCTURE,
    unless=STRUCTURE,
    gates=STRUCTURE,
    evidence=STRUCTURE,
    consent=FLAG,
    skippable=FLAG,
    guide=TEXT,
    translations=STRUCTURE,
)
#: What the rows have beside what a version keeps of them.
_BESIDE = {"id", "service_id", "position", "slug"}


def upgrade() -> None:
    """Apply this revision."""
    version = op.create_table(
        "paidsupport_service_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("service_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by_id", BIG, nullable=True),
        sa.Column("published_by", sa.String(200), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("content", STRUCTURE, nullable=False),
        sa.Column("checklist", STRUCTURE, nullable=False),
        sa.Column("offers_checklist", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["paidsupport_service.id"],
            name=op.f("fk_paidsupport_service_version_service_id"),
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"],
            ["paidsupport_person.id"],
            name=op.f("fk_paidsupport_service_version_published_by_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_service_version")),
        sa.UniqueConstraint(
            "service_id", "number", name=op.f("uq_paidsupport_service_version_service_id_number")
        ),
    )
    op.add_column("paidsupport_service", sa.Column("claim_hours", sa.Integer(), nullable=True))
    op.add_column("paidsupport_service", sa.Column("work_hours", sa.Integer(), nullable=True))
    op.add_column(
        "paidsupport_service", sa.Column("published", sa.Integer(), nullable=False, server_default="0")
    )
    for column in REFERRING:
        # with the column, for SQLite adds no constraint later without copying the whole table
        op.execute(
            f"ALTER TABLE paidsupport_ticket ADD COLUMN {column} {_big()}"
            f" CONSTRAINT fk_paidsupport_ticket_{column} REFERENCES paidsupport_service_version (id)"
        )
    _create_history()
    _publish(version)


def _create_history() -> None:
    record = op.create_table(
        "paidsupport_configuration",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("claim_number", sa.Integer(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("event_hash", sa.String(64), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_configuration")),
        sa.UniqueConstraint("code", name=op.f("uq_paidsupport_configuration_code")),
    )
    op.bulk_insert(
        record,
        [
            {
                "code": "desk",
                "claim_number": 0,
                "event_count": 0,
                "event_hash": START,
                "changed_at": datetime.now(UTC),
            }
        ],
    )
    op.create_table(
        "paidsupport_configuration_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("configuration_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_kind", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("claim_number", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(120), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("data", STRUCTURE, nullable=False),
        sa.Column("salt", sa.String(40), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("key", sa.String(64), nullable=True),
        sa.Column("fingerprint", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(
            ["configuration_id"],
            ["paidsupport_configuration.id"],
            name=op.f("fk_paidsupport_configuration_event_configuration_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_configuration_event")),
        sa.UniqueConstraint(
            "configuration_id",
            "number",
            name=op.f("uq_paidsupport_configuration_event_configuration_id_number"),
        ),
    )
    op.create_table(
        "paidsupport_setting",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", STRUCTURE, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_setting")),
        sa.UniqueConstraint("name", name=op.f("uq_paidsupport_setting_name")),
    )
    op.create_index(
        "uq_paidsupport_configuration_event_key", "paidsupport_configuration_event", ["key"], unique=True
    )
    op.create_index(
        op.f("ix_paidsupport_configuration_event_about_number"),
        "paidsupport_configuration_event",
        ["about", "number"],
        unique=False,
    )


def _publish(version: sa.Table) -> None:
    """Make version 1 of every service, as it is now, and put all tickets under it."""
    connection = op.get_bind()
    requirements, questions = (_by_service(connection, table) for table in (REQUIREMENT, QUESTION))
    rules = {row["workflow"]: row["rules"] for row in _rows(connection, RULES, "workflow")}
    items = [_kept(row) for row in _rows(connection, ITEM, "position")]
    now = datetime.now(UTC)
    made = [
        {
            "service_id": row["id"],
            "number": 1,
            "name": row["name"],
            "published_at": now,
            "published_by_id": None,
            "published_by": "",
            "word": "",
            "content": {
                **_kept(row),
                "claim_hours": None,
                "work_hours": None,
                "workflow_deadlines": rules.get(row["workflow"], {}),
                "requirements": [each["text"] for each in requirements[row["id"]]],
                "questions": questions[row["id"]],
            },
            "checklist": [each for each in items if not each["services"] or row["slug"] in each["services"]],
            "offers_checklist": False,
        }
        for row in _rows(connection, SERVICE, "id")
    ]
    if made:
        connection.execute(sa.insert(version), made)
    op.execute("UPDATE paidsupport_service SET published = 1")
    op.execute(
        "UPDATE paidsupport_ticket SET service_version_id = (SELECT id FROM paidsupport_service_version"
        " AS version WHERE version.service_id = paidsupport_ticket.service_id)"
    )


def _by_service(connection: sa.Connection, table: sa.TableClause) -> Mapping[int, list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in _rows(connection, table, "service_id", "position"):
        found[row["service_id"]].append(_kept(row))
    return found


def _rows(connection: sa.Connection, table: sa.TableClause, *order: str) -> Iterable[Mapping[str, Any]]:
    wanted = sa.select(table).order_by(*(table.c[name] for name in order))
    return [dict(row) for row in connection.execute(wanted).mappings()]


def _kept(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _BESIDE}


def downgrade() -> None:
    """Take it back."""
    for name in ("setting", "configuration_event", "configuration"):
        op.drop_table(f"paidsupport_{name}")
    for column in REFERRING:
        op.execute(f"ALTER TABLE paidsupport_ticket DROP COLUMN {column}")
    for column in ("published", "work_hours", "claim_hours"):
        op.drop_column("paidsupport_service", column)
    op.drop_table("paidsupport_service_version")


def _big() -> str:
    return "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
