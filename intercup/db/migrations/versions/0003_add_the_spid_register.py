"""Add the SPID register, and keep each login's request until it is answered."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spid_register",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("response_id", sa.Text(), nullable=True),
        sa.Column("assertion_id", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.Double(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_spid_register")),
    )
    with op.batch_alter_table("spid_register", schema=None) as batch_op:
        for column in ("response_id", "assertion_id", "answered_at"):
            batch_op.create_index(batch_op.f(f"ix_spid_register_{column}"), [column], unique=False)
    # A pending login lasts minutes; its citizen starts again.
    op.execute("DELETE FROM pending_logins")
    with op.batch_alter_table("pending_logins", schema=None) as batch_op:
        batch_op.add_column(sa.Column("request_xml", sa.Text(), nullable=False))
