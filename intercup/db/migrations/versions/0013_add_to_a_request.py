"""Add to a registered request: the additions, and mails by addition."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "additions",
        sa.Column("request_number", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hop", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_number"],
            ["requests.number"],
            name=op.f("fk_additions_request_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_number", "seq", name=op.f("pk_additions")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("addition", sa.Integer(), nullable=False, server_default="0"))
        batch_op.drop_constraint("uq_deliveries_request_number_hop_role_recipient", type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_deliveries_request_number_hop_addition_role_recipient"),
            ["request_number", "hop", "addition", "role", "recipient"],
        )
