"""The paid desk.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRUCTURE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_attempt",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_attempt")),
    )
    op.create_index(op.f("ix_paidsupport_attempt_at"), "paidsupport_attempt", ["at"], unique=False)
    op.create_index(
        op.f("ix_paidsupport_attempt_kind_who_at"), "paidsupport_attempt", ["kind", "who", "at"], unique=False
    )
    op.create_table(
        "paidsupport_person",
        sa.Column("id", BIG, nullable=False),
        sa.Column("host_user_id", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("payment", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('developer', 'manager')", name=op.f("ck_paidsupport_person_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_person")),
        sa.UniqueConstraint("host_user_id", name=op.f("uq_paidsupport_person_host_user_id")),
    )
    op.create_table(
        "paidsupport_service",
        sa.Column("id", BIG, nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("workflow", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_paidsupport_service_price")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_service")),
        sa.UniqueConstraint("slug", name=op.f("uq_paidsupport_service_slug")),
    )
    op.create_table(
        "paidsupport_boilerplate",
        sa.Column("id", BIG, nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_boilerplate_owner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_boilerplate")),
    )
    op.create_index(
        op.f("ix_paidsupport_boilerplate_owner_id_title"),
        "paidsupport_boilerplate",
        ["owner_id", "title"],
        unique=False,
    )
    op.create_table(
        "paidsupport_question",
        sa.Column("id", BIG, nullable=False),
        sa.Column("service_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("help", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("choices", STRUCTURE, nullable=False),
        sa.Column("shown_by", sa.String(length=40), nullable=False),
        sa.Column("shown_value", sa.String(length=200), nullable=False),
        sa.Column("moment", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["paidsupport_service.id"], name=op.f("fk_paidsupport_question_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_question")),
        sa.UniqueConstraint("service_id", "name", name=op.f("uq_paidsupport_question_service_id_name")),
    )
    op.create_table(
        "paidsupport_requirement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("service_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["paidsupport_service.id"], name=op.f("fk_paidsupport_requirement_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_requirement")),
        sa.UniqueConstraint(
            "service_id", "position", name=op.f("uq_paidsupport_requirement_service_id_position")
        ),
    )
    op.create_table(
        "paidsupport_ticket",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("link_edition", sa.Integer(), nullable=False),
        sa.Column("workflow", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("service_id", BIG, nullable=False),
        sa.Column("service_name", sa.String(length=200), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("requirements", STRUCTURE, nullable=False),
        sa.Column("answers", STRUCTURE, nullable=False),
        sa.Column("summary", sa.String(length=200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("host_url", sa.Text(), nullable=False),
        sa.Column("host_access", sa.Text(), nullable=False),
        sa.Column("customer_name", sa.String(length=200), nullable=False),
        sa.Column("customer_email", sa.String(length=200), nullable=False),
        sa.Column("customer_user_id", sa.String(length=200), nullable=True),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("claim_number", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_warned", sa.Boolean(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=False),
        sa.Column("end_reason", sa.String(length=40), nullable=False),
        sa.Column("awaits", sa.String(length=40), nullable=False),
        sa.Column("thread", sa.Integer(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("event_hash", sa.String(length=64), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "part <> 'pending' OR owner_id IS NOT NULL", name=op.f("ck_paidsupport_ticket_pending")
        ),
        sa.CheckConstraint(
            "part <> 'unassigned' OR owner_id IS NULL", name=op.f("ck_paidsupport_ticket_unassigned")
        ),
        sa.CheckConstraint(
            "part IN ('unassigned', 'pending', 'closed')", name=op.f("ck_paidsupport_ticket_part")
        ),
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_paidsupport_ticket_price")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_ticket_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["paidsupport_service.id"], name=op.f("fk_paidsupport_ticket_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_ticket")),
        sa.UniqueConstraint("code", name=op.f("uq_paidsupport_ticket_code")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_ticket_reference")),
    )
    op.create_index(
        "ix_paidsupport_ticket_customer_user_id",
        "paidsupport_ticket",
        ["customer_user_id"],
        unique=False,
        postgresql_where=sa.text("customer_user_id IS NOT NULL"),
        sqlite_where=sa.text("customer_user_id IS NOT NULL"),
    )
    op.create_index(
        "ix_paidsupport_ticket_lease_until",
        "paidsupport_ticket",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("lease_until IS NOT NULL"),
        sqlite_where=sa.text("lease_until IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_paidsupport_ticket_owner_id_part_submitted_at_id"),
        "paidsupport_ticket",
        ["owner_id", "part", "submitted_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_paidsupport_ticket_part_changed_at_id"),
        "paidsupport_ticket",
        ["part", "changed_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_paidsupport_ticket_part_price_minor_id"),
        "paidsupport_ticket",
        ["part", "price_minor", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_paidsupport_ticket_part_submitted_at_id"),
        "paidsupport_ticket",
        ["part", "submitted_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_paidsupport_ticket_reopening",
        "paidsupport_ticket",
        ["id"],
        unique=False,
        postgresql_where=sa.text("part = 'closed' AND awaits = 'desk'"),
        sqlite_where=sa.text("part = 'closed' AND awaits = 'desk'"),
    )
    op.create_index(
        op.f("ix_paidsupport_ticket_service_id_part_submitted_at_id"),
        "paidsupport_ticket",
        ["service_id", "part", "submitted_at", "id"],
        unique=False,
    )
    op.create_table(
        "paidsupport_token",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_token_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_paidsupport_token_digest")),
    )
    op.create_index(op.f("ix_paidsupport_token_person_id"), "paidsupport_token", ["person_id"], unique=False)
    op.create_table(
        "paidsupport_annotation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_annotation_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_annotation_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_annotation")),
    )
    op.create_index(
        op.f("ix_paidsupport_annotation_ticket_id_id"),
        "paidsupport_annotation",
        ["ticket_id", "id"],
        unique=False,
    )
    op.create_table(
        "paidsupport_claim",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_claim_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_claim_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_claim")),
        sa.UniqueConstraint("ticket_id", "number", name=op.f("uq_paidsupport_claim_ticket_id_number")),
    )
    op.create_table(
        "paidsupport_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("claim_number", sa.Integer(), nullable=False),
        sa.Column("data", STRUCTURE, nullable=False),
        sa.Column("salt", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_event_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_event")),
        sa.UniqueConstraint("ticket_id", "number", name=op.f("uq_paidsupport_event_ticket_id_number")),
    )
    op.create_index("uq_paidsupport_event_key", "paidsupport_event", ["key"], unique=True)
    op.create_table(
        "paidsupport_message",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=40), nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("claim_number", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "direction = 'in' OR claim_number IS NOT NULL", name=op.f("ck_paidsupport_message_fenced")
        ),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_paidsupport_message_direction")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_message_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_message_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_message")),
        sa.UniqueConstraint("ticket_id", "number", name=op.f("uq_paidsupport_message_ticket_id_number")),
    )
    op.create_table(
        "paidsupport_file",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("message_id", BIG, nullable=True),
        sa.Column("annotation_id", BIG, nullable=True),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("audience IN ('customer', 'desk')", name=op.f("ck_paidsupport_file_audience")),
        sa.ForeignKeyConstraint(
            ["annotation_id"], ["paidsupport_annotation.id"], name=op.f("fk_paidsupport_file_annotation_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["paidsupport_message.id"], name=op.f("fk_paidsupport_file_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_file_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_file")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_file_reference")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_paidsupport_file_storage_key")),
    )
    op.create_index(
        op.f("ix_paidsupport_file_ticket_id_id"), "paidsupport_file", ["ticket_id", "id"], unique=False
    )
    op.create_table(
        "paidsupport_letter",
        sa.Column("id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("message_id", BIG, nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("contact", sa.String(length=40), nullable=True),
        sa.Column("claim_number", sa.Integer(), nullable=True),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("to_name", sa.String(length=200), nullable=False),
        sa.Column("to_address", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_under", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'uncertain', 'failed', 'withdrawn')",
            name=op.f("ck_paidsupport_letter_state"),
        ),
        sa.CheckConstraint(
            "claim_number IS NULL OR taken_under IS NULL OR taken_under = claim_number",
            name=op.f("ck_paidsupport_letter_taken_under"),
        ),
        sa.CheckConstraint(
            "contact IS NULL OR claim_number IS NOT NULL", name=op.f("ck_paidsupport_letter_fenced")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_letter_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["paidsupport_message.id"], name=op.f("fk_paidsupport_letter_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_letter_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_letter")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_letter_reference")),
        sa.UniqueConstraint("ticket_id", "contact", name=op.f("uq_paidsupport_letter_ticket_id_contact")),
    )
    op.create_index(
        op.f("ix_paidsupport_letter_message_id"), "paidsupport_letter", ["message_id"], unique=False
    )
    op.create_index(
        "ix_paidsupport_letter_stuck",
        "paidsupport_letter",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('uncertain', 'failed')"),
        sqlite_where=sa.text("state IN ('uncertain', 'failed')"),
    )
    op.create_index(
        "ix_paidsupport_letter_waiting",
        "paidsupport_letter",
        ["state", "due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE paidsupport_search (ticket_id bigint PRIMARY KEY, vector tsvector NOT NULL)")
        # fastupdate would leave new words in a list that every search has to walk
        op.execute(
            "CREATE INDEX ix_paidsupport_search_vector ON paidsupport_search"
            " USING gin (vector) WITH (fastupdate = off)"
        )
    else:
        op.execute("CREATE VIRTUAL TABLE paidsupport_search USING fts5 (words, tokenize = 'unicode61')")


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("paidsupport_search")
    op.drop_table("paidsupport_letter")
    op.drop_table("paidsupport_file")
    op.drop_table("paidsupport_message")
    op.drop_table("paidsupport_event")
    op.drop_table("paidsupport_claim")
    op.drop_table("paidsupport_annotation")
    op.drop_table("paidsupport_token")
    op.drop_table("paidsupport_ticket")
    op.drop_table("paidsupport_requirement")
    op.drop_table("paidsupport_question")
    op.drop_table("paidsupport_boilerplate")
    op.drop_table("paidsupport_service")
    op.drop_table("paidsupport_person")
    op.drop_table("paidsupport_attempt")
