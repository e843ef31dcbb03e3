"""Evaluation of the NLU model: `python -m evaluation report|compare`, in bot/."""
