"""Keep the number that the administration's register gives a request."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

COLUMNS = ("protocol_number", "protocol_day")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("requests", sa.Column(name, sa.Text()))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("requests", name)
