"""Rules in time: timers that may fail, cooldowns, webhook calls, mistakes of desks"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Instant, Json

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("returned_by", sa.Text()))
    op.add_column("conversations", sa.Column("snoozed_until", Instant()))
    op.add_column("agents", sa.Column("do_not_disturb", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("contacts", sa.Column("favourite", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("timers", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("timers", sa.Column("error", sa.Text()))
    with op.batch_alter_table("decisions") as table:
        table.alter_column("conversation_id", existing_type=sa.Text(), nullable=True)
    _rule_marks()
    _webhook_calls()
    _surveys_sent()
    op.create_table(
        "desk_failures",
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("problems", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("folder", name="pk_desk_failures"),
    )


def _rule_marks() -> None:
    op.create_table(
        "rule_marks",
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("fired_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_rule_marks_conversation_id"),
        sa.PrimaryKeyConstraint("conversation_id", "rule", name="pk_rule_marks"),
    )


def _webhook_calls() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret_sealed", sa.Text()),
        sa.Column("removed_at", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        sa.UniqueConstraint("key", name="uq_webhooks_key"),
    )
    op.create_table(
        "webhook_calls",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("cause_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Text()),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_webhook_calls_conversation_id"),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], name="fk_webhook_calls_webhook_id"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_calls"),
        sa.UniqueConstraint("cause_id", "rule", "action", name="uq_webhook_calls_cause_id_rule_action"),
    )
    queued = sa.text("state = 'queued'")
    op.create_index("ix_webhook_calls_due", "webhook_calls", ["due_at"], sqlite_where=queued, postgresql_where=queued)


def _surveys_sent() -> None:
    op.create_table(
        "surveys_sent",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=False),
        sa.Column("survey", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("score", sa.Integer()),
        sa.Column("comment", sa.Text()),
        sa.Column("answered_at", Instant()),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_surveys_sent_conversation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_surveys_sent"),
        sa.UniqueConstraint("conversation_id", "survey", name="uq_surveys_sent_conversation_id_survey"),
    )


def downgrade() -> None:
    for table in ("surveys_sent", "desk_failures", "webhook_calls", "webhooks", "rule_marks"):
        op.drop_table(table)
    op.execute("DELETE FROM decisions WHERE conversation_id IS NULL")
    with op.batch_alter_table("decisions") as batch:
        batch.alter_column("conversation_id", existing_type=sa.Text(), nullable=False)
    for table, column in (
        ("timers", "error"),
        ("timers", "attempts"),
        ("contacts", "favourite"),
        ("agents", "do_not_disturb"),
        ("conversations", "snoozed_until"),
        ("conversations", "returned_by"),
    ):
        op.drop_column(table, column)
