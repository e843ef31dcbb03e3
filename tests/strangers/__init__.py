"""Conversations by people who know neither data nor rules, played by what the assistant asks."""
