"""The vectors of the last training's sentences, so that the next one only encodes new ones."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, List, Text

import numpy as np

from engine import kept_arrays


def cached_vectors(
    texts: List[Text], path: Path, encode: Callable[[List[Text]], np.ndarray]
) -> np.ndarray:
    """Return a row for each text; the file then holds exactly these."""
    keys = kept_arrays.keys_of(texts)
    kept = kept_arrays.read(path, "keys", "vectors")
    known = {}
    if kept:
        rows = zip(kept["keys"], kept["vectors"], strict=True)
        known = {key.tobytes(): vector for key, vector in rows}
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if new:
        known.update(zip(new, encode(list(new.values())), strict=True))
    if new or len(known) > len(set(keys)):
        wanted = {key: known[key] for key in keys}
        vectors = np.vstack(list(wanted.values()))
        kept_arrays.write(path, keys=kept_arrays.of_keys(wanted), vectors=vectors)
    return np.vstack([known[key] for key in keys])
