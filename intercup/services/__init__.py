"""What the service does, by subject. Called by web, worker, commands and bot/actions."""
