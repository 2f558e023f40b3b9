"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()
PUBLIC_ID = sa.LargeBinary(16).with_variant(postgresql.UUID(as_uuid=False), "postgresql")
IDENTITY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "channel",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("paused_at", INSTANT, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channel")),
    )
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("business", INSTANT, nullable=False),
        sa.Column("real", INSTANT, nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("heartbeat", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_table(
        "journey",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("live_version_id", ROW_ID, nullable=True),
        sa.Column("paused_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey")),
        sa.UniqueConstraint("name", name=op.f("uq_journey_name")),
    )
    op.create_table(
        "release",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("open_to_existing", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    op.create_index(op.f("ix_release_digest"), "release", ["digest"], unique=False)
    op.create_table(
        "customer",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("external_id", IDENTITY, nullable=False),
        sa.Column("public_id", PUBLIC_ID, nullable=False),
        sa.Column("known_since", INSTANT, nullable=True),
        sa.Column("identified", sa.Boolean(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("stage_since", INSTANT, nullable=True),
        sa.Column("last_instant", INSTANT, nullable=True),
        sa.Column("history_until", INSTANT, nullable=True),
        sa.Column("recheck_at", INSTANT, nullable=True),
        sa.Column("recheck_generation", sa.Integer(), nullable=False),
        sa.Column("events_settled", sa.Integer(), nullable=False),
        sa.Column("decisions_made", sa.Integer(), nullable=False),
        sa.Column("consents", sa.JSON(), nullable=False),
        sa.Column("suppressions", sa.JSON(), nullable=False),
        sa.Column("dealt", sa.JSON(), nullable=False),
        sa.Column("held", sa.JSON(), nullable=False),
        sa.Column("release_id", ROW_ID, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", INSTANT, nullable=True),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("erased_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_customer_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("external_id", name=op.f("uq_customer_external_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_customer_public_id")),
    )
    op.create_index(
        "ix_customer_recheck_at",
        "customer",
        ["recheck_at"],
        unique=False,
        sqlite_where=sa.text("recheck_at IS NOT NULL"),
        postgresql_where=sa.text("recheck_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_customer_release_id"), "customer", ["release_id"], unique=False)
    op.create_index(
        "ix_customer_trouble",
        "customer",
        ["trouble"],
        unique=False,
        sqlite_where=sa.text("trouble IS NOT NULL"),
        postgresql_where=sa.text("trouble IS NOT NULL"),
    )
    op.create_table(
        "journey_version",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("journey_id", ROW_ID, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("encoded", sa.JSON(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_journey_version_journey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_version")),
        sa.UniqueConstraint("digest", name=op.f("uq_journey_version_digest")),
    )
    op.create_index(op.f("ix_journey_version_journey_id"), "journey_version", ["journey_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=False),
        sa.Column("decided", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("journey", sa.String(), nullable=False),
        sa.Column("enrollment", PUBLIC_ID, nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("release_id", ROW_ID, nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_decision_customer_id")),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_decision_release_id")),
        sa.PrimaryKeyConstraint("customer_id", "sequence", name=op.f("pk_decision")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "enrollment",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("public_id", PUBLIC_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("journey_id", ROW_ID, nullable=False),
        sa.Column("version_id", ROW_ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("entered_order", sa.Integer(), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.Column("held_out", sa.Boolean(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("standing", sa.JSON(), nullable=False),
        sa.Column("goal_at", INSTANT, nullable=True),
        sa.Column("goal_value", sa.Float(), nullable=False),
        sa.Column("goal_until", INSTANT, nullable=True),
        sa.Column("left_at", INSTANT, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("ring", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_enrollment_customer_id")),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_enrollment_journey_id")),
        sa.ForeignKeyConstraint(["version_id"], ["journey_version.id"], name=op.f("fk_enrollment_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_enrollment_public_id")),
    )
    op.create_index(
        "ix_enrollment_due_at",
        "enrollment",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_index("ix_enrollment_journey_id", "enrollment", ["journey_id", "step"], unique=False)
    op.create_index(
        "ix_enrollment_customer_id",
        "enrollment",
        ["customer_id", "journey_id", "key", "left_at"],
        unique=False,
    )
    op.create_index(
        "uq_enrollment_live",
        "enrollment",
        ["customer_id", "journey_id", "key"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "event",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("message_id", IDENTITY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("properties", sa.JSON(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("emission", sa.Integer(), nullable=False),
        sa.Column("settled_order", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_event_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("message_id", name=op.f("uq_event_message_id")),
    )
    op.create_index("ix_event_customer_id", "event", ["customer_id", "name", "occurred_at"], unique=False)
    op.create_index(
        "ix_event_inbox",
        "event",
        ["customer_id", "occurred_at"],
        unique=False,
        sqlite_where=sa.text("settled_order IS NULL"),
        postgresql_where=sa.text("settled_order IS NULL"),
    )
    op.create_index("ix_event_name", "event", ["name", "occurred_at", "customer_id"], unique=False)
    op.create_index(
        "ix_event_unsettled",
        "event",
        ["occurred_at", "customer_id"],
        unique=False,
        sqlite_where=sa.text("settled_order IS NULL"),
        postgresql_where=sa.text("settled_order IS NULL"),
    )
    op.create_table(
        "stage_move",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("from_stage", sa.String(), nullable=False),
        sa.Column("to_stage", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_stage_move_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_move")),
    )
    op.create_index(op.f("ix_stage_move_customer_id"), "stage_move", ["customer_id"], unique=False)
    op.create_table(
        "suppression",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("everything", sa.Boolean(), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_suppression_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
        sa.UniqueConstraint(
            "customer_id",
            "channel",
            "topic",
            "everything",
            name=op.f("uq_suppression_customer_id_channel_topic_everything"),
        ),
    )
    op.create_index(op.f("ix_suppression_address_hash"), "suppression", ["address_hash"], unique=False)
    op.create_table(
        "consent_event",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("event_id", ROW_ID, nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("state", sa.Boolean(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_consent_event_customer_id")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_consent_event_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_event")),
        sa.UniqueConstraint("event_id", "channel", "topic", name=op.f("uq_consent_event_event_id_channel_topic")),
    )
    op.create_index(op.f("ix_consent_event_customer_id"), "consent_event", ["customer_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("public_id", PUBLIC_ID, nullable=False),
        sa.Column("enrollment_id", ROW_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("planned_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("planned_real_at", INSTANT, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("fallback", sa.Boolean(), nullable=False),
        sa.Column("parting", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("not_before", INSTANT, nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("rendered_hash", sa.String(), nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("delivery", sa.String(), nullable=True),
        sa.Column("possible_duplicate", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_message_customer_id")),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_message_enrollment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("public_id", name=op.f("uq_message_public_id")),
    )
    op.create_index(op.f("ix_message_customer_id"), "message", ["customer_id"], unique=False)
    op.create_index("ix_message_enrollment_id", "message", ["enrollment_id", "state"], unique=False)
    op.create_index(
        "ix_message_in_doubt",
        "message",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state IN ('sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('sending', 'unknown')"),
    )
    op.create_index(
        "ix_message_open",
        "message",
        ["planned_real_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('planned', 'not_sent')"),
        postgresql_where=sa.text("state IN ('planned', 'not_sent')"),
    )
    op.create_index(op.f("ix_message_provider_id"), "message", ["provider_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("enrollment_id", ROW_ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("is_start", sa.Boolean(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_outbox_enrollment_id")),
        sa.PrimaryKeyConstraint("enrollment_id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_since"), "outbox", ["since"], unique=False)
    op.create_table(
        "wait",
        sa.Column("event_name", sa.String(), nullable=False),
        sa.Column("enrollment_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_wait_enrollment_id")),
        sa.PrimaryKeyConstraint("event_name", "enrollment_id", name=op.f("pk_wait")),
    )
    op.create_index(op.f("ix_wait_enrollment_id"), "wait", ["enrollment_id"], unique=False)
    op.create_table(
        "message_attempt",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("message_id", ROW_ID, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_attempt_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_attempt")),
        sa.UniqueConstraint("message_id", "attempt", name=op.f("uq_message_attempt_message_id_attempt")),
    )
    op.create_table(
        "provider_event",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("message_id", ROW_ID, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_provider_event_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_event")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_provider_event_provider_event_id")),
    )
    op.create_index(op.f("ix_provider_event_message_id"), "provider_event", ["message_id"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_index(op.f("ix_provider_event_message_id"), table_name="provider_event")
    op.drop_table("provider_event")
    op.drop_table("message_attempt")
    op.drop_index(op.f("ix_wait_enrollment_id"), table_name="wait")
    op.drop_table("wait")
    op.drop_index(op.f("ix_outbox_since"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_message_provider_id"), table_name="message")
    op.drop_index(
        "ix_message_open",
        table_name="message",
        sqlite_where=sa.text("state IN ('planned', 'not_sent')"),
        postgresql_where=sa.text("state IN ('planned', 'not_sent')"),
    )
    op.drop_index(
        "ix_message_in_doubt",
        table_name="message",
        sqlite_where=sa.text("state IN ('sending', 'unknown')"),
        postgresql_where=sa.text("state IN ('sending', 'unknown')"),
    )
    op.drop_index("ix_message_enrollment_id", table_name="message")
    op.drop_index(op.f("ix_message_customer_id"), table_name="message")
    op.drop_table("message")
    op.drop_index(op.f("ix_consent_event_customer_id"), table_name="consent_event")
    op.drop_table("consent_event")
    op.drop_index(op.f("ix_suppression_address_hash"), table_name="suppression")
    op.drop_table("suppression")
    op.drop_index(op.f("ix_stage_move_customer_id"), table_name="stage_move")
    op.drop_table("stage_move")
    op.drop_index(
        "ix_event_unsettled",
        table_name="event",
        sqlite_where=sa.text("settled_order IS NULL"),
        postgresql_where=sa.text("settled_order IS NULL"),
    )
    op.drop_index("ix_event_name", table_name="event")
    op.drop_index(
        "ix_event_inbox",
        table_name="event",
        sqlite_where=sa.text("settled_order IS NULL"),
        postgresql_where=sa.text("settled_order IS NULL"),
    )
    op.drop_index("ix_event_customer_id", table_name="event")
    op.drop_table("event")
    op.drop_index(
        "uq_enrollment_live",
        table_name="enrollment",
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.drop_index("ix_enrollment_customer_id", table_name="enrollment")
    op.drop_index("ix_enrollment_journey_id", table_name="enrollment")
    op.drop_index(
        "ix_enrollment_due_at",
        table_name="enrollment",
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.drop_table("enrollment")
    op.drop_table("decision")
    op.drop_index(op.f("ix_journey_version_journey_id"), table_name="journey_version")
    op.drop_table("journey_version")
    op.drop_index(
        "ix_customer_trouble",
        table_name="customer",
        sqlite_where=sa.text("trouble IS NOT NULL"),
        postgresql_where=sa.text("trouble IS NOT NULL"),
    )
    op.drop_index(op.f("ix_customer_release_id"), table_name="customer")
    op.drop_index(
        "ix_customer_recheck_at",
        table_name="customer",
        sqlite_where=sa.text("recheck_at IS NOT NULL"),
        postgresql_where=sa.text("recheck_at IS NOT NULL"),
    )
    op.drop_table("customer")
    op.drop_index(op.f("ix_release_digest"), table_name="release")
    op.drop_table("release")
    op.drop_table("journey")
    op.drop_table("clock")
    op.drop_table("channel")
