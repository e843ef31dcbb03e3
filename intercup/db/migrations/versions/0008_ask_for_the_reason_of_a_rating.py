"""Ask for the reason of a rating."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("key", "reason", "details"):
        op.add_column("ratings", sa.Column(name, sa.Text(), nullable=True))
    op.create_index("ix_ratings_key", "ratings", ["key"], unique=True)
