"""Mark the receipts that fit several deliveries, of which they are about one."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "pec_receipts",
        sa.Column("doubtful", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(op.f("ix_pec_receipts_doubtful"), "pec_receipts", ["doubtful"])


def downgrade() -> None:
    op.execute("DELETE FROM pec_receipts WHERE doubtful")  # else they would count as certain
    op.drop_index(op.f("ix_pec_receipts_doubtful"), "pec_receipts")
    op.drop_column("pec_receipts", "doubtful")
