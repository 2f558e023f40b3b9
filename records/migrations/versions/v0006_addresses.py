"""Where an attempt went, and the addresses that are not to be written to: by keyed hashes. What a review came to."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them. What was sent before is not known by its address."""
    op.add_column("message_attempt", sa.Column("address_hash", sa.String(), nullable=True))
    op.add_column("review", sa.Column("ruling", sa.String(), nullable=True))
    op.add_column("review", sa.Column("why", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "suppressed_address",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address_hash", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("everything", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressed_address")),
        sa.UniqueConstraint(
            "address_hash",
            "channel",
            "topic",
            "everything",
            name=op.f("uq_suppressed_address_address_hash_channel_topic_everything"),
        ),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("suppressed_address")
    op.drop_column("review", "why")
    op.drop_column("review", "ruling")
    op.drop_column("message_attempt", "address_hash")
