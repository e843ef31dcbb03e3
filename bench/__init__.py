"""Comparison of the service with Rasa's own starter, on the same machine in the same run."""
