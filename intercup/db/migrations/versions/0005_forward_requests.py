"""Forward requests: the links in the offices' mails, the hops, and mails by hop."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forward_links",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("request_number", sa.Text(), nullable=False),
        sa.Column("hop", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("revoked_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_number"],
            ["requests.number"],
            name=op.f("fk_forward_links_request_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_forward_links")),
    )
    with op.batch_alter_table("forward_links", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_forward_links_request_number"), ["request_number"], unique=False
        )
    op.create_table(
        "forwards",
        sa.Column("request_number", sa.Text(), nullable=False),
        sa.Column("hop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("from_office", sa.Text(), nullable=False),
        sa.Column("to_office", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_number"],
            ["requests.number"],
            name=op.f("fk_forwards_request_number"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_number", "hop", name=op.f("pk_forwards")),
        sa.UniqueConstraint("form_key", name=op.f("uq_forwards_form_key")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hop", sa.Integer(), nullable=True))
    op.execute("UPDATE deliveries SET hop = 0")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.alter_column("hop", existing_type=sa.Integer(), nullable=False)
        batch_op.drop_constraint("uq_deliveries_request_number_role_recipient", type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_deliveries_request_number_hop_role_recipient"),
            ["request_number", "hop", "role", "recipient"],
        )
