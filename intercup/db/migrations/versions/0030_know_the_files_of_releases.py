"""Know which files of releases were met, to tell a way back from a release that restores a text."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_files",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "sha256"),
    )
    op.add_column("moved_sentences", sa.Column("taken_at", sa.Double()))


def downgrade() -> None:
    op.drop_column("moved_sentences", "taken_at")
    op.drop_table("known_files")
