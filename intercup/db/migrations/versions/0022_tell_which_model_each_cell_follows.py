"""Let each cell tell which models its Rasas answer with."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cells",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "base", "models")),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cells")),
    )


def downgrade() -> None:
    op.drop_table("cells")
