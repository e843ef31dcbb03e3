"""The service's work, by subject. Called by web, worker, commands and bot/actions."""
