"""A reading of a text by the model in use; apart from its client, which the worker doesn't need."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Explained:
    """A text's likeliest intents, its possible emergency, its embedding, and the model's id."""

    ranking: tuple[tuple[str, float], ...]
    doubtful: bool
    vector: tuple[float, ...]
    model: str
