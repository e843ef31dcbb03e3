"""Keep the citizen's language with a request, and the translation shown beneath a consent."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SHOWN = ("shown_language", "shown_text", "shown_sha256")


def upgrade() -> None:
    op.add_column("requests", sa.Column("reader", sa.Text()))
    for name in SHOWN:
        op.add_column("consents", sa.Column(name, sa.Text()))


def downgrade() -> None:
    for name in SHOWN:
        op.drop_column("consents", name)
    op.drop_column("requests", "reader")
