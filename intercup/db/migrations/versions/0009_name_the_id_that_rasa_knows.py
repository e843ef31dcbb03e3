"""Name the id that Rasa knows: conversations.sender becomes sender_id."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("conversations", "sender", new_column_name="sender_id")
