"""Find the published model without reading the contents of models."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_models_published", "models", ["base", "published_at", "sha256"])


def downgrade() -> None:
    op.drop_index("ix_models_published", "models")
