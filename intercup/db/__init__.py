"""The database: tables, engine, migrations, backup. Called by the services alone."""
