"""Ask once whether a request was answered, unless the citizen doesn't want to be asked."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_questions",
        sa.Column("request_number", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_number"],
            ["requests.number"],
            name=op.f("fk_answer_questions_request_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_number", name=op.f("pk_answer_questions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_answer_questions_token_hash")),
    )
    op.create_table(
        "question_refusals",
        sa.Column("person_key", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("person_key", name=op.f("pk_question_refusals")),
    )


def downgrade() -> None:
    op.drop_table("question_refusals")
    op.drop_table("answer_questions")
