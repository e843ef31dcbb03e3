"""Keep the files of a request, sealed, until the bodies of its mails are deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OWNERS = {"request_number": "requests.number", "session_hash": "sessions.id_hash"}


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in OWNERS),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], [target], name=f"fk_attachments_{name}", ondelete="CASCADE"
            )
            for name, target in OWNERS.items()
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    for name in ("draft", *OWNERS):
        op.create_index(f"ix_attachments_{name}", "attachments", [name])
    op.create_table(
        "attachment_contents",
        sa.Column("attachment_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachments.id"],
            name="fk_attachment_contents_attachment_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attachment_id", name="pk_attachment_contents"),
    )
    op.add_column(
        "deliveries",
        sa.Column("attached", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("deliveries", "attached")
    op.drop_table("attachment_contents")
    op.drop_table("attachments")
