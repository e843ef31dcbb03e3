"""Keep the receipts of certified mail about deliveries, found by their Message-ID."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pec_receipts",
        sa.Column("delivery_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name=op.f("fk_pec_receipts_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", "identifier", name=op.f("pk_pec_receipts")),
    )
    op.create_index(op.f("ix_deliveries_message_id"), "deliveries", ["message_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_deliveries_message_id"), "deliveries")
    op.drop_table("pec_receipts")
