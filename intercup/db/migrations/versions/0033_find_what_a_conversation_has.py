"""Find requests and sessions by their conversation without reading all of them."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TABLES = ("requests", "sessions")


def upgrade() -> None:
    for table in TABLES:
        op.create_index(op.f(f"ix_{table}_conversation_id"), table, ["conversation_id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_conversation_id"), table)
