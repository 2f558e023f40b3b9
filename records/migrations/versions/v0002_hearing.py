"""What is heard from providers: rates by journey, customers by number, and words for somebody to read."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()


def upgrade() -> None:
    """Add them."""
    op.add_column("provider_event", sa.Column("journey_id", ROW_ID, nullable=True))
    _partial("ix_provider_event_counted", "provider_event", ["journey_id", "id"], "journey_id IS NOT NULL")
    op.add_column("journey", sa.Column("paused_why", sa.String(), nullable=False, server_default=""))
    op.add_column("journey", sa.Column("judged_after", ROW_ID, nullable=False, server_default="0"))
    _partial("ix_customer_phone", "customer", ["phone"], "phone IS NOT NULL")
    op.create_table(
        "review",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.Column("read_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_review_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint(
            "provider", "event_id", "customer_id", name=op.f("uq_review_provider_event_id_customer_id")
        ),
    )
    op.create_index(op.f("ix_review_customer_id"), "review", ["customer_id"], unique=False)
    _partial("ix_review_open", "review", ["said_at"], "read_at IS NULL")


def downgrade() -> None:
    """Take them away."""
    op.drop_table("review")
    op.drop_index("ix_customer_phone", table_name="customer")
    op.drop_column("journey", "judged_after")
    op.drop_column("journey", "paused_why")
    op.drop_index("ix_provider_event_counted", table_name="provider_event")
    op.drop_column("provider_event", "journey_id")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
