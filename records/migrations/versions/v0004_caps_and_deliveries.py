"""Finds what of a customer's caps is taken, and what providers have said of her messages."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_DELIVERY = sa.text("kind = 'delivery'")


def upgrade() -> None:
    """Order a customer's messages by when they were planned; index the news of messages."""
    op.drop_index("ix_message_customer_id", table_name="message")
    op.create_index("ix_message_customer_id", "message", ["customer_id", "planned_at"], unique=False)
    op.create_index(
        "ix_event_delivery",
        "event",
        ["customer_id"],
        unique=False,
        sqlite_where=_DELIVERY,
        postgresql_where=_DELIVERY,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_event_delivery", table_name="event", sqlite_where=_DELIVERY, postgresql_where=_DELIVERY)
    op.drop_index("ix_message_customer_id", table_name="message")
    op.create_index("ix_message_customer_id", "message", ["customer_id"], unique=False)
