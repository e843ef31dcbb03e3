"""Mark the state of a request at an office."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "office_marks",
        sa.Column("request_number", sa.Text(), nullable=False),
        sa.Column("hop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("marked_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_number"],
            ["requests.number"],
            name=op.f("fk_office_marks_request_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_number", "hop", name=op.f("pk_office_marks")),
    )
