"""Ask once whether a request was answered, unless that isn't wanted; count without persons."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
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
    op.create_table(
        "figures",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "kind", "cell", name=op.f("pk_figures")),
    )
    op.add_column("requests", sa.Column("language", sa.Text()))


def downgrade() -> None:
    op.drop_column("requests", "language")
    op.drop_table("figures")
    op.drop_table("question_refusals")
    op.drop_table("answer_questions")
