"""Create the tables of the Message Assistant"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import AutoKey, Instant, Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = [
    "assistant_providers",
    "assistant_usage",
    "assistant_answers",
    "assistant_consents",
    "assistant_drafts",
    "assistant_proposals",
    "assistant_requests",
]


def upgrade() -> None:
    _providers()
    _usage()
    _answers()
    _consents()
    _drafts()
    _proposals()
    _requests()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _providers() -> None:
    op.create_table(
        "assistant_providers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("provider_type", sa.Text(), nullable=False),
        sa.Column("settings_sealed", sa.Text(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistant_providers")),
        sa.UniqueConstraint("key", name=op.f("uq_assistant_providers_key")),
    )


def _usage() -> None:
    op.create_table(
        "assistant_usage",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("requests", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tokens", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("scope", "scope_id", "day", name=op.f("pk_assistant_usage")),
    )


def _answers() -> None:
    op.create_table(
        "assistant_answers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("inbox_id", sa.Text(), nullable=False),
        sa.Column("proposal_id", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inboxes.id"], name=op.f("fk_assistant_answers_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistant_answers")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_assistant_answers_proposal_id")),
    )
    op.create_index("ix_assistant_answers_newest", "assistant_answers", ["inbox_id", "id"], unique=False)


def _consents() -> None:
    op.create_table(
        "assistant_consents",
        sa.Column("id", AutoKey, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_assistant_consents_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistant_consents")),
        sqlite_autoincrement=True,
    )


def _drafts() -> None:
    op.create_table(
        "assistant_drafts",
        sa.Column("id", AutoKey, nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("cause_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("proposals", Json, nullable=False),
        sa.Column("offline", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_assistant_drafts_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistant_drafts")),
        sa.UniqueConstraint("cause_id", "rule", "action", name=op.f("uq_assistant_drafts_cause_id_rule_action")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_assistant_drafts_conversation_id"), "assistant_drafts", ["conversation_id"], unique=False)
    op.create_index(
        "ix_assistant_drafts_due",
        "assistant_drafts",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _proposals() -> None:
    op.create_table(
        "assistant_proposals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("inbox_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("tone", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cites", Json, nullable=False),
        sa.Column("state", sa.Text(), server_default="offered", nullable=False),
        sa.Column("distance", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_assistant_proposals_agent_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_assistant_proposals_conversation_id")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["agents.id"], name=op.f("fk_assistant_proposals_decided_by")),
        sa.ForeignKeyConstraint(["inbox_id"], ["inboxes.id"], name=op.f("fk_assistant_proposals_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistant_proposals")),
    )
    op.create_index(op.f("ix_assistant_proposals_at"), "assistant_proposals", ["at"], unique=False)
    op.create_index(
        op.f("ix_assistant_proposals_conversation_id"), "assistant_proposals", ["conversation_id"], unique=False
    )


def _requests() -> None:
    op.create_table(
        "assistant_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("inbox_id", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("sent", Json, nullable=False),
        sa.Column("message_ids", Json, nullable=False),
        sa.Column("source_ids", Json, nullable=False),
        sa.Column("masked", Json, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), server_default="0", nullable=False),
        sa.Column("completion_tokens", sa.Integer(), server_default="0", nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_assistant_requests_agent_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_assistant_requests_conversation_id")
        ),
        sa.ForeignKeyConstraint(["inbox_id"], ["inboxes.id"], name=op.f("fk_assistant_requests_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistant_requests")),
    )
    op.create_index(op.f("ix_assistant_requests_at"), "assistant_requests", ["at"], unique=False)
    op.create_index(
        op.f("ix_assistant_requests_conversation_id"), "assistant_requests", ["conversation_id"], unique=False
    )
