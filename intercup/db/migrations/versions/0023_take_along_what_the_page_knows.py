"""Take along what the page knows, if the citizen leaves it in."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    empty = sa.text("''")
    op.add_column(
        "requests", sa.Column("page_facts", sa.Text(), nullable=False, server_default=empty)
    )


def downgrade() -> None:
    op.drop_column("requests", "page_facts")
