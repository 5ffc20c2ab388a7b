"""Work on the customer's host: checklists, consents, offers, the vault, guides.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
#: Columns that existing rows get as well, with what they get.
NEW = (
    ("person", sa.Column("public_key", sa.Text(), nullable=False, server_default="")),
    ("question", sa.Column("trait", sa.String(length=40), nullable=False, server_default="")),
    ("question", sa.Column("trait_value", sa.String(length=200), nullable=False, server_default="")),
    ("service", sa.Column("traits", STRUCTURE, nullable=False, server_default="[]")),
    ("service", sa.Column("settings_help", sa.Text(), nullable=False, server_default="")),
    ("ticket", sa.Column("started_at", sa.DateTime(timezone=True), nullable=True)),
    ("ticket", sa.Column("traits", STRUCTURE, nullable=False, server_default="{}")),
    ("ticket", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True)),
)


def upgrade() -> None:
    """Apply this revision."""
    for table, column in NEW:
        op.add_column(f"paidsupport_{table}", column)
    op.create_table(
        "paidsupport_checklist_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("services", STRUCTURE, nullable=False),
        sa.Column("traits", STRUCTURE, nullable=False),
        sa.Column("unless", STRUCTURE, nullable=False),
        sa.Column("gates", STRUCTURE, nullable=False),
        sa.Column("evidence", STRUCTURE, nullable=False),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("skippable", sa.Boolean(), nullable=False),
        sa.Column("guide", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_checklist_item")),
        sa.UniqueConstraint("name", name=op.f("uq_paidsupport_checklist_item_name")),
    )
    op.create_table(
        "paidsupport_guide",
        sa.Column("id", BIG, nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("explains", STRUCTURE, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_guide")),
        sa.UniqueConstraint("slug", name=op.f("uq_paidsupport_guide_slug")),
    )
    op.create_table(
        "paidsupport_trait",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_trait")),
        sa.UniqueConstraint("name", name=op.f("uq_paidsupport_trait_name")),
    )
    op.create_table(
        "paidsupport_guide_edition",
        sa.Column("id", BIG, nullable=False),
        sa.Column("guide_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_guide_edition_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["guide_id"], ["paidsupport_guide.id"], name=op.f("fk_paidsupport_guide_edition_guide_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_guide_edition")),
        sa.UniqueConstraint("guide_id", "number", name=op.f("uq_paidsupport_guide_edition_guide_id_number")),
    )
    op.create_table(
        "paidsupport_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("machine", sa.String(length=200), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at >= started_at", name=op.f("ck_paidsupport_entry_order")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_entry_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_entry_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_entry")),
    )
    op.create_index(
        op.f("ix_paidsupport_entry_ticket_id_id"), "paidsupport_entry", ["ticket_id", "id"], unique=False
    )
    op.create_index(
        "uq_paidsupport_entry_running",
        "paidsupport_entry",
        ["ticket_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "paidsupport_item",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("phase", sa.String(length=40), nullable=False),
        sa.Column("gates", STRUCTURE, nullable=False),
        sa.Column("evidence", STRUCTURE, nullable=False),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("skippable", sa.Boolean(), nullable=False),
        sa.Column("guide", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answers", STRUCTURE, nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'skipped', 'refused')", name=op.f("ck_paidsupport_item_state")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_item_by_id")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_item_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_item")),
        sa.UniqueConstraint("ticket_id", "name", name=op.f("uq_paidsupport_item_ticket_id_name")),
    )
    op.create_table(
        "paidsupport_link",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("other_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ticket_id <> other_id", name=op.f("ck_paidsupport_link_two")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_link_other_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_link_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_link")),
        sa.UniqueConstraint("ticket_id", "other_id", name=op.f("uq_paidsupport_link_ticket_id_other_id")),
    )
    op.create_index(op.f("ix_paidsupport_link_other_id"), "paidsupport_link", ["other_id"], unique=False)
    op.create_table(
        "paidsupport_reminder",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_reminder_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_reminder")),
    )
    op.create_index(
        "uq_paidsupport_reminder_planned",
        "paidsupport_reminder",
        ["ticket_id", "kind", "due_at"],
        unique=True,
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.create_index(
        "ix_paidsupport_reminder_waiting",
        "paidsupport_reminder",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "paidsupport_secret",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("key_reference", sa.String(length=40), nullable=True),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("destroyed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('key', 'account', 'password', 'message')", name=op.f("ck_paidsupport_secret_kind")
        ),
        sa.CheckConstraint(
            "(sealed IS NULL) = (key_reference IS NULL)", name=op.f("ck_paidsupport_secret_sealed")
        ),
        sa.CheckConstraint(
            "destroyed_at IS NULL OR sealed IS NULL", name=op.f("ck_paidsupport_secret_destroyed")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_secret_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_secret")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_secret_reference")),
    )
    op.create_index(
        op.f("ix_paidsupport_secret_ticket_id_id"), "paidsupport_secret", ["ticket_id", "id"], unique=False
    )
    op.create_table(
        "paidsupport_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("item_id", BIG, nullable=True),
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("undo", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("claim_number", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", BIG, nullable=False),
        sa.Column("asked_by_name", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("word", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(answer = '') = (answered_at IS NULL)", name=op.f("ck_paidsupport_decision_answered")
        ),
        sa.CheckConstraint(
            "(kind = 'offer') = (price_minor IS NOT NULL AND valid_until IS NOT NULL)",
            name=op.f("ck_paidsupport_decision_offer"),
        ),
        sa.CheckConstraint(
            "answer IN ('', 'approved', 'declined', 'withdrawn')", name=op.f("ck_paidsupport_decision_answer")
        ),
        sa.CheckConstraint("kind IN ('consent', 'offer')", name=op.f("ck_paidsupport_decision_kind")),
        sa.CheckConstraint(
            "price_minor IS NULL OR price_minor >= 0", name=op.f("ck_paidsupport_decision_price")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_decision_asked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["paidsupport_item.id"], name=op.f("fk_paidsupport_decision_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["paidsupport_message.id"], name=op.f("fk_paidsupport_decision_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_decision_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_decision")),
        sa.UniqueConstraint("message_id", name=op.f("uq_paidsupport_decision_message_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_decision_reference")),
        sa.UniqueConstraint("ticket_id", "number", name=op.f("uq_paidsupport_decision_ticket_id_number")),
    )
    op.create_table(
        "paidsupport_look",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("secret_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("claim_number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_look_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["secret_id"], ["paidsupport_secret.id"], name=op.f("fk_paidsupport_look_secret_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_look_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_look")),
    )
    op.create_index(
        op.f("ix_paidsupport_look_ticket_id_id"), "paidsupport_look", ["ticket_id", "id"], unique=False
    )
    with op.batch_alter_table("paidsupport_file") as file:
        file.add_column(sa.Column("item_id", BIG, nullable=True))
        file.create_foreign_key(op.f("fk_paidsupport_file_item_id"), "paidsupport_item", ["item_id"], ["id"])
    # work that was under way goes on: its round began with its last start
    op.execute(
        "UPDATE paidsupport_ticket SET started_at = (SELECT max(at) FROM paidsupport_event"
        " WHERE paidsupport_event.ticket_id = paidsupport_ticket.id AND kind = 'start')"
        " WHERE state = 'in-progress'"
    )


def downgrade() -> None:
    """Take this revision back."""
    with op.batch_alter_table("paidsupport_file") as file:
        file.drop_constraint(op.f("fk_paidsupport_file_item_id"), type_="foreignkey")
        file.drop_column("item_id")
    op.drop_index(op.f("ix_paidsupport_look_ticket_id_id"), table_name="paidsupport_look")
    op.drop_table("paidsupport_look")
    op.drop_table("paidsupport_decision")
    op.drop_index(op.f("ix_paidsupport_secret_ticket_id_id"), table_name="paidsupport_secret")
    op.drop_table("paidsupport_secret")
    op.drop_index(
        "ix_paidsupport_reminder_waiting",
        table_name="paidsupport_reminder",
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.drop_table("paidsupport_reminder")
    op.drop_index(op.f("ix_paidsupport_link_other_id"), table_name="paidsupport_link")
    op.drop_table("paidsupport_link")
    op.drop_table("paidsupport_item")
    op.drop_index(
        "uq_paidsupport_entry_running",
        table_name="paidsupport_entry",
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_paidsupport_entry_ticket_id_id"), table_name="paidsupport_entry")
    op.drop_table("paidsupport_entry")
    op.drop_table("paidsupport_guide_edition")
    op.drop_table("paidsupport_trait")
    op.drop_table("paidsupport_guide")
    op.drop_table("paidsupport_checklist_item")
    for table, column in reversed(NEW):
        op.drop_column(f"paidsupport_{table}", column.name)
