"""Bring a database's schema to the newest version with alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def alembic_config() -> Config:
    """Return alembic's configuration for this package's migrations."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def upgrade(connection: Connection) -> None:
    """Run the missing migrations inside the connection's transaction."""
    command.upgrade(config_for(connection), "head")


def downgrade(connection: Connection, version: str) -> None:
    """Go back to an earlier version inside the connection's transaction."""
    command.downgrade(config_for(connection), version)


def config_for(connection: Connection) -> Config:
    """Return the configuration for migrations on a connection."""
    config = alembic_config()
    config.attributes["connection"] = connection
    return config
