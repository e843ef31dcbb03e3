"""Ask a person before a command does what can't be undone."""

YES = ("sì", "si")


def confirmed(question: str) -> bool:
    """Tell whether the answer typed to a question is a yes."""
    return input(question).strip().lower() in YES
