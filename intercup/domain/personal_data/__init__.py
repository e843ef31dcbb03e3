"""Removal of personal data from sentences kept for the technical team (services/tuning)."""

from intercup.domain.personal_data.removal import PLACEHOLDERS, SENTENCE_MAX, without_personal_data

__all__ = ["PLACEHOLDERS", "SENTENCE_MAX", "without_personal_data"]
