"""Organisations with their contacts and tickets, and what stands in the way of leads.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "paidsupport_organisation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("billing_name", sa.String(length=200), nullable=False),
        sa.Column("billing_address", sa.Text(), nullable=False),
        sa.Column("billing_email", sa.String(length=200), nullable=False),
        sa.Column("vat_id", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("holder_id", BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("merged_into_id", BIG, nullable=True),
        sa.CheckConstraint(
            "kind IN ('merchant', 'bank', 'operator', 'other')", name=op.f("ck_paidsupport_organisation_kind")
        ),
        sa.CheckConstraint(
            "merged_into_id IS NULL OR archived_at IS NOT NULL",
            name=op.f("ck_paidsupport_organisation_merged"),
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_organisation_holder_id")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"],
            ["paidsupport_organisation.id"],
            name=op.f("fk_paidsupport_organisation_merged_into_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_organisation")),
        sa.UniqueConstraint("folded", name=op.f("uq_paidsupport_organisation_folded")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_organisation_reference")),
    )
    op.create_index(
        op.f("ix_paidsupport_organisation_folded_id"),
        "paidsupport_organisation",
        ["folded", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_paidsupport_organisation_merged_into_id"),
        "paidsupport_organisation",
        ["merged_into_id"],
        unique=False,
    )
    op.create_table(
        "paidsupport_blocker",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("issue_id", BIG, nullable=True),
        sa.Column("noted_by_id", BIG, nullable=True),
        sa.Column("noted_by_name", sa.String(length=200), nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("solved_at", MOMENT, nullable=True),
        sa.Column("solved_by_name", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "kind IN ('feature', 'contract', 'onboarding', 'legal', 'other')",
            name=op.f("ck_paidsupport_blocker_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_blocker_issue_id")
        ),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_blocker_noted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_blocker_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_blocker")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_blocker_reference")),
    )
    op.create_index(
        op.f("ix_paidsupport_blocker_issue_id"), "paidsupport_blocker", ["issue_id"], unique=False
    )
    op.create_index(
        op.f("ix_paidsupport_blocker_ticket_id_id"), "paidsupport_blocker", ["ticket_id", "id"], unique=False
    )
    op.create_table(
        "paidsupport_contact",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.String(length=300), nullable=False),
        sa.Column("domain", sa.String(length=300), nullable=False),
        sa.Column("phone", sa.String(length=200), nullable=False),
        sa.Column("digits", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("added_by_id", BIG, nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_contact_added_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["paidsupport_organisation.id"],
            name=op.f("fk_paidsupport_contact_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_contact")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_contact_reference")),
    )
    op.create_index(op.f("ix_paidsupport_contact_digits"), "paidsupport_contact", ["digits"], unique=False)
    op.create_index(op.f("ix_paidsupport_contact_domain"), "paidsupport_contact", ["domain"], unique=False)
    op.create_index(op.f("ix_paidsupport_contact_folded"), "paidsupport_contact", ["folded"], unique=False)
    op.create_index(
        "uq_paidsupport_contact_organisation_id_folded",
        "paidsupport_contact",
        ["organisation_id", "folded"],
        unique=True,
        postgresql_where=sa.text("folded <> ''"),
        sqlite_where=sa.text("folded <> ''"),
    )
    op.create_table(
        "paidsupport_organisation_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_organisation_change_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["paidsupport_organisation.id"],
            name=op.f("fk_paidsupport_organisation_change_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_organisation_change")),
        sa.UniqueConstraint("key", name=op.f("uq_paidsupport_organisation_change_key")),
    )
    op.create_index(
        op.f("ix_paidsupport_organisation_change_organisation_id_id"),
        "paidsupport_organisation_change",
        ["organisation_id", "id"],
        unique=False,
    )
    op.create_table(
        "paidsupport_organisation_ticket",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organisation_id", BIG, nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("by_name", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "how IN ('email', 'phone', 'hand')", name=op.f("ck_paidsupport_organisation_ticket_how")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["paidsupport_organisation.id"],
            name=op.f("fk_paidsupport_organisation_ticket_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["paidsupport_ticket.id"],
            name=op.f("fk_paidsupport_organisation_ticket_ticket_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_organisation_ticket")),
        sa.UniqueConstraint("ticket_id", name=op.f("uq_paidsupport_organisation_ticket_ticket_id")),
    )
    op.create_index(
        op.f("ix_paidsupport_organisation_ticket_organisation_id_ticket_id"),
        "paidsupport_organisation_ticket",
        ["organisation_id", "ticket_id"],
        unique=False,
    )
    op.create_table(
        "paidsupport_wish",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", BIG, nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("noted_by_id", BIG, nullable=True),
        sa.Column("noted_by_name", sa.String(length=200), nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", BIG, nullable=True),
        sa.Column("decided_by_name", sa.String(length=200), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("issue_id", BIG, nullable=True),
        sa.CheckConstraint(
            "(decision = '') = (decided_at IS NULL)", name=op.f("ck_paidsupport_wish_decided")
        ),
        sa.CheckConstraint(
            "decision IN ('', 'offer', 'gratis', 'refuse')", name=op.f("ck_paidsupport_wish_decision")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_wish_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["paidsupport_issue.id"], name=op.f("fk_paidsupport_wish_issue_id")
        ),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["paidsupport_person.id"], name=op.f("fk_paidsupport_wish_noted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["paidsupport_ticket.id"], name=op.f("fk_paidsupport_wish_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paidsupport_wish")),
        sa.UniqueConstraint("reference", name=op.f("uq_paidsupport_wish_reference")),
    )
    op.create_index(op.f("ix_paidsupport_wish_issue_id"), "paidsupport_wish", ["issue_id"], unique=False)
    op.create_index(
        op.f("ix_paidsupport_wish_ticket_id_id"), "paidsupport_wish", ["ticket_id", "id"], unique=False
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index(op.f("ix_paidsupport_wish_ticket_id_id"), table_name="paidsupport_wish")
    op.drop_index(op.f("ix_paidsupport_wish_issue_id"), table_name="paidsupport_wish")
    op.drop_table("paidsupport_wish")
    op.drop_index(
        op.f("ix_paidsupport_organisation_ticket_organisation_id_ticket_id"),
        table_name="paidsupport_organisation_ticket",
    )
    op.drop_table("paidsupport_organisation_ticket")
    op.drop_index(
        op.f("ix_paidsupport_organisation_change_organisation_id_id"),
        table_name="paidsupport_organisation_change",
    )
    op.drop_table("paidsupport_organisation_change")
    op.drop_index(
        "uq_paidsupport_contact_organisation_id_folded",
        table_name="paidsupport_contact",
        postgresql_where=sa.text("folded <> ''"),
        sqlite_where=sa.text("folded <> ''"),
    )
    op.drop_index(op.f("ix_paidsupport_contact_folded"), table_name="paidsupport_contact")
    op.drop_index(op.f("ix_paidsupport_contact_domain"), table_name="paidsupport_contact")
    op.drop_index(op.f("ix_paidsupport_contact_digits"), table_name="paidsupport_contact")
    op.drop_table("paidsupport_contact")
    op.drop_index(op.f("ix_paidsupport_blocker_ticket_id_id"), table_name="paidsupport_blocker")
    op.drop_index(op.f("ix_paidsupport_blocker_issue_id"), table_name="paidsupport_blocker")
    op.drop_table("paidsupport_blocker")
    op.drop_index(op.f("ix_paidsupport_organisation_merged_into_id"), table_name="paidsupport_organisation")
    op.drop_index(op.f("ix_paidsupport_organisation_folded_id"), table_name="paidsupport_organisation")
    op.drop_table("paidsupport_organisation")
