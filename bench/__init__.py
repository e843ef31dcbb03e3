"""Measure the service against Rasa's own starter, on the same machine in the same run."""
