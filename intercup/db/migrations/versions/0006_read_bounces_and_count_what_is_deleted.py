"""Read bounces; keep counts of the requests that retention deletes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bounce_reports",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_bounce_reports")),
    )
    op.create_table(
        "monthly_counts",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("structure", sa.Text(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "category", "structure", name=op.f("pk_monthly_counts")),
    )
    for table, column in (
        ("deliveries", "created_at"),
        ("deliveries", "envelope_from"),
        ("requests", "created_at"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
