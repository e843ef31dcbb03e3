"""The vectors of the last training's sentences, so that the next one only encodes new ones."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Callable, Dict, List, Text
from zipfile import BadZipFile

import numpy as np

KEY_SIZE = 16  # bytes of a sentence's hash


def cached_vectors(
    texts: List[Text], path: Path, encode: Callable[[List[Text]], np.ndarray]
) -> np.ndarray:
    """Return a row for each text; the file then holds exactly these."""
    keys = [hashlib.blake2b(text.encode(), digest_size=KEY_SIZE).digest() for text in texts]
    known = _read(path)
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if new:
        known.update(zip(new, encode(list(new.values())), strict=True))
    if new or len(known) > len(set(keys)):
        _write(path, {key: known[key] for key in keys})
    return np.vstack([known[key] for key in keys])


def _read(path: Path) -> Dict[bytes, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            keys, vectors = arrays["keys"], arrays["vectors"]
    except (OSError, ValueError, KeyError, BadZipFile):  # None yet, or a broken one.
        return {}
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


def _write(path: Path, vectors: Dict[bytes, np.ndarray]) -> None:
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part.npz")
    keys = np.frombuffer(b"".join(vectors), np.uint8).reshape(-1, KEY_SIZE)
    np.savez(part, keys=keys, vectors=np.vstack(list(vectors.values())))
    part.replace(path)
