"""Keep the language of the chat's messages, so that a browser reads each as it is written."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "chat_messages",
        sa.Column("language", sa.Text(), nullable=False, server_default=sa.text("'it'")),
    )
    op.add_column("chat_messages", sa.Column("text_language", sa.Text()))


def downgrade() -> None:
    op.drop_column("chat_messages", "text_language")
    op.drop_column("chat_messages", "language")
