"""Keep sentences for the technical team, and the examples written after them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("said", sa.JSON(), nullable=True))
    op.create_table(
        "sentences",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("sealed", "day", "until")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("step", "intent")),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("second", sa.Text(), nullable=True),
        sa.Column("second_confidence", sa.Double(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("likeness", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("example_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_sentences_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sentences")),
        sqlite_with_rowid=False,
    )
    for column in ("conversation_id", "until", "likeness"):
        op.create_index(op.f(f"ix_sentences_{column}"), "sentences", [column])
    op.create_table(
        "examples",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "text", "intent")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("purpose", "day")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_examples")),
    )
