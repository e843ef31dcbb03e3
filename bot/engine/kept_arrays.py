"""Arrays that a training leaves to the next one, which does without a missing or broken file."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Dict, Iterable, List, Text
from zipfile import BadZipFile

import numpy as np

FOLDER = Path("models")  # beside the model, in the project's folder
KEY_SIZE = 16  # bytes of a text's hash


def read(path: Path, *names: Text) -> Dict[Text, np.ndarray]:
    """Return the arrays by their names; none if there is no such file or it is broken."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in names}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}


def write(path: Path, **arrays: np.ndarray) -> None:
    """Replace the file."""
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with part.open("wb") as file:
        np.savez(file, **arrays)
    part.replace(path)


def keys_of(texts: Iterable[Text]) -> List[bytes]:
    """Return a hash of each text."""
    return [hashlib.blake2b(text.encode(), digest_size=KEY_SIZE).digest() for text in texts]


def of_keys(keys: Iterable[bytes]) -> np.ndarray:
    """Return keys as an array."""
    return np.frombuffer(b"".join(keys), np.uint8).reshape(-1, KEY_SIZE)


def of_names(names: Iterable[Text]) -> np.ndarray:
    """Return names as an array of bytes, which takes a quarter of the space of one of letters."""
    return np.array([name.encode() for name in names], np.bytes_)
