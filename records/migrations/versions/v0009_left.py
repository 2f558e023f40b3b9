"""What erasures could not remove."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it. Of the erasures before nothing is known to be left: their reports have told it."""
    op.add_column("erased", sa.Column("left", sa.JSON(), nullable=True))
    op.execute(sa.text("""UPDATE erased SET "left" = '[]'"""))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("erased", "left")
