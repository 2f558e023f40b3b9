"""What customers were known by before, and whose messages alone carry a link."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them. Of links that are stored already it is not known whose they are."""
    op.create_table(
        "known_as",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("customer_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_known_as_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_as")),
    )
    op.create_index(op.f("ix_known_as_customer_id"), "known_as", ["customer_id"], unique=False)
    op.add_column("link", sa.Column("customer_id", ROW_ID, nullable=True))
    op.create_index(op.f("ix_link_customer_id"), "link", ["customer_id"], unique=False)


def downgrade() -> None:
    """Take them away."""
    op.drop_index(op.f("ix_link_customer_id"), table_name="link")
    op.drop_column("link", "customer_id")
    op.drop_table("known_as")
