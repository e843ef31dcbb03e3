"""Let any number of processes share conversations: one turn at a time, new messages told to all."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


NOTIFY = """
CREATE FUNCTION tell_of_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('intercup_chat', NEW.conversation_id);
    RETURN NULL;
END $$
"""
AFTER_EACH = """
CREATE TRIGGER tell_of_message AFTER INSERT ON chat_messages
FOR EACH ROW EXECUTE FUNCTION tell_of_message()
"""


def upgrade() -> None:
    op.add_column("conversations", sa.Column("leased_until", sa.Double()))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(NOTIFY)
        op.execute(AFTER_EACH)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION tell_of_message CASCADE")
    op.drop_column("conversations", "leased_until")
