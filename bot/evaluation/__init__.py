"""How well the assistant understands: `python -m evaluation report|compare`, in bot/."""
