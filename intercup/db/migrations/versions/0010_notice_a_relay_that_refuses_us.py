"""Notice a relay that refuses us."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channels", sa.Column("refusal", sa.Text(), nullable=True))
    op.add_column("channels", sa.Column("refused_delivery", sa.Integer(), nullable=True))
