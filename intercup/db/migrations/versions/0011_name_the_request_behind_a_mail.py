"""Name the HTTP request behind a mail."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    empty = sa.text("''")
    op.add_column("deliveries", sa.Column("trace", sa.Text(), nullable=False, server_default=empty))
