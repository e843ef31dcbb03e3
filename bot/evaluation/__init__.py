"""Evaluation of the understanding: `python -m evaluation report|compare`, in bot/."""
