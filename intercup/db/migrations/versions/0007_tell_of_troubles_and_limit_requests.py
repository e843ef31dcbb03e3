"""Tell of troubles once, count what the relay breaks off, limit requests, look faster."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("told_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("trouble", name=op.f("pk_alarms")),
    )
    op.drop_index("ix_deliveries_due", "deliveries")
    # SQLite adds such columns in place; to copy a table full of mails would take long.
    op.add_column(
        "deliveries", sa.Column("breaks", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("conversations", sa.Column("ip_key", sa.Text(), nullable=True))
    op.create_index(
        "ix_deliveries_state_next_attempt_at", "deliveries", ["state", "next_attempt_at"]
    )
    op.create_index("ix_uses_used_at", "uses", ["used_at"])
