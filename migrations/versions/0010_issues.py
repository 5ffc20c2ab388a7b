"""Issues: what is wrong or missing in what is made, apart from everything about customers.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = "state NOT IN ('resolved', 'closed')"
WAITING = "told_at IS NULL AND ended_at IS NULL"
#: Those who wait, by who tells them and by what they wait for; those whose ticket is to be handed over.
FOLLOWER_INDEXES = (
    ("teller", "teller_id", WAITING),
    ("waiting", "issue_id", WAITING),
    ("to_pass", "id", "to_pass"),
)
INBOX = {
    "timeline": "state = 'new' AND timeline_at IS NULL AND feedback_at IS NOT NULL",
    "ask": "state = 'new' AND timeline_at IS NULL AND feedback_at IS NULL",
    "tell": "state = 'new' AND timeline_at IS NOT NULL",
}
LOAD = "state IN ('confirmed', 'assigned') AND owner_id IS NOT NULL"
FREE = "state = 'confirmed' AND owner_id IS NULL"
MOMENT = sa.DateTime(timezone=True)
STRUCTURE = sa.JSON().with_variant(JSONB(), "postgresql")
ORDER = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
WORD = sa.String(60).with_variant(sa.String(60, collation="C"), "postgresql")


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_issue",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("summary", sa.String(length=200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("target_release", sa.String(length=40), nullable=False),
        sa.Column("release_order", ORDER, nullable=False),
        sa.Column("release", sa.String(length=40), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("minutes_left", sa.Integer(), nullable=True),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("claim_number", sa.Integer(), nullable=False),
        sa.Column("assigned_by_id", BIG, nullable=True),
        sa.Column("reporter_id", BIG, nullable=True),
        sa.Column("parent_id", BIG, nullable=True),
        sa.Column("feedback_asked_at", MOMENT, nullable=True),
        sa.Column("feedback_due_at", MOMENT, nullable=True),
        sa.Column("feedback_at", MOMENT, nullable=True),
        sa.Column("estimate_minutes", sa.Integer(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("fixed_where", sa.String(length=40), nullable=False),
        sa.Column("fixed_version", sa.String(length=40), nullable=False),
        sa.Column("timeline_at", MOMENT, nullable=True),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("reviewer_id", BIG, nullable=True),
        sa.Column("reviewed_by_id", BIG, nullable=True),
        sa.Column("review_outcome", sa.String(length=40), nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("stage_version", sa.String(length=40), nullable=False),
        sa.Column("slip_asked_at", MOMENT, nullable=True),
        sa.Column("slipping_since", MOMENT, nullable=True),
        sa.Column("end_reason", sa.String(length=40), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("resolved_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("event_hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (ended_at IS NOT NULL)", name=op.f("ck_paidsupport_issue_ended")
        ),
        sa.CheckConstraint(
            "fixed_where IN ('', 'git', 'staging', 'production')",
            name=op.f("ck_paidsupport_issue_fixed_where"),
        ),
        sa.CheckConstraint(
            "kind IN ('bug', 'feature', 'documentation')", name=op.f("ck_paidsupport_issue_kind")
        ),
        sa.CheckConstraint(
            "stage IN ('', 'git', 'staging', 'production')", name=op.f("ck_paidsupport_issue_stage")
        ),
        sa.CheckConstraint(
            "state IN ('new', 'feedback', 'confirmed', 'assigned', 'review', 'resolved', 'closed')",
            name=op.f("ck_paidsupport_issue_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('feedback', 'assigned', 'review') OR owner_id IS NOT NULL",
            name=op.f("ck_paidsupport_issue_held"),
        ),
        sa.CheckConstraint(
            "minutes_left IS NULL OR minutes_left >= 0", name=op.f("ck_paidsupport_issue_minutes_left")
        ),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name=op.f("ck_paidsupport_issue_parent")),
        sa.CheckConstraint("priority BETWEEN 1 AND 4", name=op.f("ck_paidsupport_issue_priority")),
        sa.CheckConstraint(
            "reviewed_by_id IS NULL OR reviewed_by_id <> author_id",
            name=op.f("ck_paidsupport_issue_reviewed"),
        ),
        sa.ForeignKeyConstraint(
            ["assigned_by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_issue_assigned_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_issue_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_issue_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_issue_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_issue_reporter_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_issue_reviewed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_issue_reviewer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_issue")),
        sa.UniqueConstraint("code", name=op.f("uq_paidsupport_issue_code")),
    )
    op.create_index(
        op.f("ix_paidsupport_issue_changed_at_id"), "paidsupport_issue", ["changed_at", "id"], unique=False
    )
    op.create_index(
        "ix_paidsupport_issue_feedback_due_at",
        "paidsupport_issue",
        ["feedback_due_at"],
        unique=False,
        postgresql_where=sa.text("feedback_due_at IS NOT NULL"),
        sqlite_where=sa.text("feedback_due_at IS NOT NULL"),
    )
    for need, which in INBOX.items():
        op.create_index(
            f"ix_paidsupport_issue_inbox_{need}",
            "paidsupport_issue",
            ["priority", "id"],
            unique=False,
            postgresql_where=sa.text(which),
            sqlite_where=sa.text(which),
        )
    op.create_index(
        "ix_paidsupport_issue_open",
        "paidsupport_issue",
        ["priority", "deadline", "id"],
        unique=False,
        postgresql_where=sa.text(OPEN),
        sqlite_where=sa.text(OPEN),
    )
    op.create_index(
        op.f("ix_paidsupport_issue_owner_id_state_id"),
        "paidsupport_issue",
        ["owner_id", "state", "id"],
        unique=False,
    )
    op.create_index(
        "ix_paidsupport_issue_parent_id",
        "paidsupport_issue",
        ["parent_id"],
        unique=False,
        postgresql_where=sa.text("parent_id IS NOT NULL"),
        sqlite_where=sa.text("parent_id IS NOT NULL"),
    )
    op.create_index(
        "ix_paidsupport_issue_reviewer_id",
        "paidsupport_issue",
        ["reviewer_id"],
        unique=False,
        postgresql_where=sa.text("reviewer_id IS NOT NULL"),
        sqlite_where=sa.text("reviewer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_paidsupport_issue_slip_asked_at",
        "paidsupport_issue",
        ["slip_asked_at"],
        unique=False,
        postgresql_where=sa.text("slip_asked_at IS NOT NULL"),
        sqlite_where=sa.text("slip_asked_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_paidsupport_issue_state_changed_at_id"),
        "paidsupport_issue",
        ["state", "changed_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_paidsupport_issue_state_priority_deadline_id"),
        "paidsupport_issue",
        ["state", "priority", "deadline", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_paidsupport_issue_release_state_id"),
        "paidsupport_issue",
        ["release", "state", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_paidsupport_issue_state_target_release_id"),
        "paidsupport_issue",
        ["state", "target_release", "id"],
        unique=False,
    )
    op.create_index(
        "ix_paidsupport_issue_free",
        "paidsupport_issue",
        ["release_order", "priority", "deadline", "id"],
        unique=False,
        postgresql_where=sa.text(FREE),
        sqlite_where=sa.text(FREE),
    )
    op.create_index(
        "ix_paidsupport_issue_load",
        "paidsupport_issue",
        ["owner_id", "changed_at"],
        unique=False,
        postgresql_where=sa.text(LOAD),
        sqlite_where=sa.text(LOAD),
    )
    op.create_table(
        "paidsupport_workload",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("looked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_workload_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_workload")),
        sa.UniqueConstraint("person_id", name=op.f("uq_paidsupport_workload_person_id")),
    )
    op.create_table(
        "paidsupport_estimate",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("person_name", sa.String(length=200), nullable=False),
        sa.Column("minutes_left", sa.Integer(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_estimate_issue_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_estimate_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_estimate")),
    )
    op.create_index(
        op.f("ix_paidsupport_estimate_issue_id_id"), "paidsupport_estimate", ["issue_id", "id"], unique=False
    )
    op.create_table(
        "paidsupport_issue_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
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
            ["issue_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_issue_event_issue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_issue_event")),
        sa.UniqueConstraint("issue_id", "number", name=op.f("uq_paidsupport_issue_event_issue_id_number")),
    )
    op.create_index(
        op.f("ix_paidsupport_issue_event_kind_at"), "paidsupport_issue_event", ["kind", "at"], unique=False
    )
    op.create_index("uq_paidsupport_issue_event_key", "paidsupport_issue_event", ["key"], unique=True)
    op.create_table(
        "paidsupport_issue_note",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('note', 'move', 'feedback', 'timeline', 'slip', 'draft', 'tone', 'review', 'kept')",
            name=op.f("ck_paidsupport_issue_note_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_issue_note_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_issue_note_issue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_issue_note")),
    )
    op.create_index(
        op.f("ix_paidsupport_issue_note_issue_id_kind_id"),
        "paidsupport_issue_note",
        ["issue_id", "kind", "id"],
        unique=False,
    )
    op.create_table(
        "paidsupport_issue_notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("mail", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "mail IN ('', 'queued', 'sending', 'sent', 'failed')",
            name=op.f("ck_paidsupport_issue_notice_mail"),
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_issue_notice_issue_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_issue_notice_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_issue_notice")),
        sa.UniqueConstraint(
            "issue_id",
            "number",
            "person_id",
            name=op.f("uq_paidsupport_issue_notice_issue_id_number_person_id"),
        ),
    )
    op.create_index(
        op.f("ix_paidsupport_issue_notice_person_id_id"),
        "paidsupport_issue_notice",
        ["person_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_paidsupport_issue_notice_queued",
        "paidsupport_issue_notice",
        ["id"],
        unique=False,
        postgresql_where=sa.text("mail IN ('queued', 'sending')"),
        sqlite_where=sa.text("mail IN ('queued', 'sending')"),
    )
    op.create_index(
        "ix_paidsupport_issue_notice_unread",
        "paidsupport_issue_notice",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
        sqlite_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "paidsupport_issue_reader",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_issue_reader_issue_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_issue_reader_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_issue_reader")),
        sa.UniqueConstraint(
            "issue_id", "person_id", name=op.f("uq_paidsupport_issue_reader_issue_id_person_id")
        ),
    )
    op.create_index(
        op.f("ix_paidsupport_issue_reader_person_id_issue_id"),
        "paidsupport_issue_reader",
        ["person_id", "issue_id"],
        unique=False,
    )
    op.create_table(
        "paidsupport_issue_tag",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("folded", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_issue_tag_issue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_issue_tag")),
        sa.UniqueConstraint("issue_id", "folded", name=op.f("uq_paidsupport_issue_tag_issue_id_folded")),
    )
    op.create_index(
        op.f("ix_paidsupport_issue_tag_folded_issue_id"),
        "paidsupport_issue_tag",
        ["folded", "issue_id"],
        unique=False,
    )
    op.create_table(
        "paidsupport_issue_word",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("word", WORD, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_issue_word_issue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_issue_word")),
        sa.UniqueConstraint("word", "issue_id", name=op.f("uq_paidsupport_issue_word_word_issue_id")),
    )
    op.create_index(
        op.f("ix_paidsupport_issue_word_issue_id"), "paidsupport_issue_word", ["issue_id"], unique=False
    )
    op.create_table(
        "paidsupport_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("touches", sa.Boolean(), nullable=False),
        sa.Column("ticket_id", BIG, nullable=True),
        sa.Column("consent_id", BIG, nullable=True),
        sa.Column("for_review", sa.Boolean(), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("added_by", sa.String(length=200), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("done_by_id", BIG, nullable=True),
        sa.Column("done_by", sa.String(length=200), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name=op.f("ck_paidsupport_step_done")),
        sa.CheckConstraint("NOT touches OR ticket_id IS NOT NULL", name=op.f("ck_paidsupport_step_touches")),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["paidsupport_decision.id"], name=op.f("fk_paidsupport_step_consent_id")
        ),
        sa.ForeignKeyConstraint(
            ["done_by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_step_done_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_step_issue_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_step_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_step_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_step")),
    )
    op.create_index(
        op.f("ix_paidsupport_step_issue_id_id"), "paidsupport_step", ["issue_id", "id"], unique=False
    )
    op.create_table(
        "paidsupport_follower",
        sa.Column("id", BIG, nullable=False),
        sa.Column("issue_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("answerer_id", BIG, nullable=True),
        sa.Column("investigating_id", BIG, nullable=True),
        sa.Column("solved_id", BIG, nullable=True),
        sa.Column("investigating_at", MOMENT, nullable=True),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.Column("told_by_id", BIG, nullable=True),
        sa.Column("teller_id", BIG, nullable=True),
        sa.Column("substitute_for_id", BIG, nullable=True),
        sa.Column("to_pass", sa.Boolean(), nullable=False),
        sa.Column("followed_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ending", sa.String(length=40), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (ending = '')", name=op.f("ck_paidsupport_follower_ending")),
        sa.CheckConstraint(
            "stage IN ('git', 'staging', 'production')", name=op.f("ck_paidsupport_follower_stage")
        ),
        sa.ForeignKeyConstraint(
            ["answerer_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_follower_answerer_id")
        ),
        sa.ForeignKeyConstraint(
            ["investigating_id"],
            ["paidsupport_message.id"],
            name=op.f("fk_paidsupport_follower_investigating_id"),
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_follower_issue_id")
        ),
        sa.ForeignKeyConstraint(
            ["solved_id"], ["paidsupport_message.id"], name=op.f("fk_paidsupport_follower_solved_id")
        ),
        sa.ForeignKeyConstraint(
            ["substitute_for_id"],
            ["paidsupport_person.id"],
            name=op.f("fk_paidsupport_follower_substitute_for_id"),
        ),
        sa.ForeignKeyConstraint(
            ["teller_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_follower_teller_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_follower_ticket_id")
        ),
        sa.ForeignKeyConstraint(
            ["told_by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_follower_told_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_follower")),
        sa.UniqueConstraint("issue_id", "ticket_id", name=op.f("uq_paidsupport_follower_issue_id_ticket_id")),
    )
    op.create_index(
        op.f("ix_paidsupport_follower_investigating_id"),
        "paidsupport_follower",
        ["investigating_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_paidsupport_follower_solved_id"), "paidsupport_follower", ["solved_id"], unique=True
    )
    for name, column, where in FOLLOWER_INDEXES:
        op.create_index(
            f"ix_paidsupport_follower_{name}",
            "paidsupport_follower",
            [column],
            unique=False,
            postgresql_where=sa.text(where),
            sqlite_where=sa.text(where),
        )
    op.create_index(
        op.f("ix_paidsupport_follower_ticket_id"), "paidsupport_follower", ["ticket_id"], unique=False
    )


def downgrade() -> None:
    """Take this revision back."""
    for name, _, where in FOLLOWER_INDEXES:
        op.drop_index(
            f"ix_paidsupport_follower_{name}",
            table_name="paidsupport_follower",
            postgresql_where=sa.text(where),
            sqlite_where=sa.text(where),
        )
    op.drop_index(op.f("ix_paidsupport_follower_ticket_id"), table_name="paidsupport_follower")
    op.drop_index(op.f("ix_paidsupport_follower_solved_id"), table_name="paidsupport_follower")
    op.drop_index(op.f("ix_paidsupport_follower_investigating_id"), table_name="paidsupport_follower")
    op.drop_table("paidsupport_workload")
    op.drop_index(
        "ix_paidsupport_issue_load",
        table_name="paidsupport_issue",
        postgresql_where=sa.text(LOAD),
        sqlite_where=sa.text(LOAD),
    )
    op.drop_index(
        "ix_paidsupport_issue_free",
        table_name="paidsupport_issue",
        postgresql_where=sa.text(FREE),
        sqlite_where=sa.text(FREE),
    )
    op.drop_table("paidsupport_follower")
    op.drop_index(op.f("ix_paidsupport_step_issue_id_id"), table_name="paidsupport_step")
    op.drop_table("paidsupport_step")
    op.drop_index(op.f("ix_paidsupport_issue_word_issue_id"), table_name="paidsupport_issue_word")
    op.drop_table("paidsupport_issue_word")
    op.drop_index(op.f("ix_paidsupport_issue_tag_folded_issue_id"), table_name="paidsupport_issue_tag")
    op.drop_table("paidsupport_issue_tag")
    op.drop_index(
        op.f("ix_paidsupport_issue_reader_person_id_issue_id"), table_name="paidsupport_issue_reader"
    )
    op.drop_table("paidsupport_issue_reader")
    op.drop_index(
        "ix_paidsupport_issue_notice_unread",
        table_name="paidsupport_issue_notice",
        postgresql_where=sa.text("read_at IS NULL"),
        sqlite_where=sa.text("read_at IS NULL"),
    )
    op.drop_index(
        "ix_paidsupport_issue_notice_queued",
        table_name="paidsupport_issue_notice",
        postgresql_where=sa.text("mail IN ('queued', 'sending')"),
        sqlite_where=sa.text("mail IN ('queued', 'sending')"),
    )
    op.drop_index(op.f("ix_paidsupport_issue_notice_person_id_id"), table_name="paidsupport_issue_notice")
    op.drop_table("paidsupport_issue_notice")
    op.drop_index(op.f("ix_paidsupport_issue_note_issue_id_kind_id"), table_name="paidsupport_issue_note")
    op.drop_table("paidsupport_issue_note")
    op.drop_index("uq_paidsupport_issue_event_key", table_name="paidsupport_issue_event")
    op.drop_index(op.f("ix_paidsupport_issue_event_kind_at"), table_name="paidsupport_issue_event")
    op.drop_table("paidsupport_issue_event")
    op.drop_index(op.f("ix_paidsupport_estimate_issue_id_id"), table_name="paidsupport_estimate")
    op.drop_table("paidsupport_estimate")
    op.drop_index(op.f("ix_paidsupport_issue_state_target_release_id"), table_name="paidsupport_issue")
    op.drop_index(op.f("ix_paidsupport_issue_release_state_id"), table_name="paidsupport_issue")
    op.drop_index(op.f("ix_paidsupport_issue_state_priority_deadline_id"), table_name="paidsupport_issue")
    op.drop_index(op.f("ix_paidsupport_issue_state_changed_at_id"), table_name="paidsupport_issue")
    op.drop_index(
        "ix_paidsupport_issue_slip_asked_at",
        table_name="paidsupport_issue",
        postgresql_where=sa.text("slip_asked_at IS NOT NULL"),
        sqlite_where=sa.text("slip_asked_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_paidsupport_issue_reviewer_id",
        table_name="paidsupport_issue",
        postgresql_where=sa.text("reviewer_id IS NOT NULL"),
        sqlite_where=sa.text("reviewer_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_paidsupport_issue_parent_id",
        table_name="paidsupport_issue",
        postgresql_where=sa.text("parent_id IS NOT NULL"),
        sqlite_where=sa.text("parent_id IS NOT NULL"),
    )
    for need, which in INBOX.items():
        op.drop_index(
            f"ix_paidsupport_issue_inbox_{need}",
            table_name="paidsupport_issue",
            postgresql_where=sa.text(which),
            sqlite_where=sa.text(which),
        )
    op.drop_index(
        "ix_paidsupport_issue_open",
        table_name="paidsupport_issue",
        postgresql_where=sa.text(OPEN),
        sqlite_where=sa.text(OPEN),
    )
    op.drop_index(op.f("ix_paidsupport_issue_owner_id_state_id"), table_name="paidsupport_issue")
    op.drop_index(
        "ix_paidsupport_issue_feedback_due_at",
        table_name="paidsupport_issue",
        postgresql_where=sa.text("feedback_due_at IS NOT NULL"),
        sqlite_where=sa.text("feedback_due_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_paidsupport_issue_changed_at_id"), table_name="paidsupport_issue")
    op.drop_table("paidsupport_issue")
