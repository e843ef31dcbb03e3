"""Ask for optional answers in the plain form."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    empty = sa.text("''")
    for name in ("phone", "best_time", "relation", "nre"):
        op.add_column("requests", sa.Column(name, sa.Text(), nullable=False, server_default=empty))
