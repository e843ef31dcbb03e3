"""Vectors of known sentences are kept from one training to the next."""

from pathlib import Path

import numpy as np
import pytest
from engine.vector_cache import cached_vectors


class Encoder:
    def __init__(self) -> None:
        self.encoded: list[str] = []

    def __call__(self, texts: list[str]) -> np.ndarray:
        self.encoded += texts
        return np.array([[len(text), ord(text[0])] for text in texts], np.float32)


def test_only_new_sentences_are_encoded(tmp_path: Path) -> None:
    file, encoder = tmp_path / "models" / "vectors.npz", Encoder()
    first = cached_vectors(["uno", "due", "uno"], file, encoder)
    assert encoder.encoded == ["uno", "due"]
    again = cached_vectors(["due", "tre", "uno"], file, encoder)
    assert encoder.encoded == ["uno", "due", "tre"]
    assert (again[[2, 0, 2]] == first).all()
    assert again[1].tolist() == [3.0, ord("t")]


def test_sentences_left_out_leave_the_file(tmp_path: Path) -> None:
    file, encoder = tmp_path / "vectors.npz", Encoder()
    cached_vectors(["uno", "due"], file, encoder)
    cached_vectors(["due", "tre"], file, encoder)
    cached_vectors(["uno"], file, encoder)
    assert encoder.encoded == ["uno", "due", "tre", "uno"]


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut"])
def test_a_broken_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    file, encoder = tmp_path / "vectors.npz", Encoder()
    file.write_bytes(content)
    assert cached_vectors(["uno"], file, encoder).shape == (1, 2)
    cached_vectors(["uno"], file, encoder)
    assert encoder.encoded == ["uno"]
