"""N-grams of known texts are kept from one training to the next."""

from pathlib import Path

import pytest
from engine.ngram_cache import Counts, cached_counts
from scipy.sparse import csr_matrix


class Words:
    """Counts words; the texts counted are noted."""

    def __init__(self) -> None:
        self.counted: list[str] = []

    def __call__(self, texts: list[str]) -> Counts:
        self.counted += texts
        words = list(dict.fromkeys(word for text in texts for word in text.split()))
        counts = [[float(text.split().count(word)) for word in words] for text in texts]
        return Counts(csr_matrix(counts), words)


def by_word(counts: Counts, row: int) -> dict[str, float]:
    found = counts.matrix[row].toarray()[0]
    return {word: count for word, count in zip(counts.ngrams, found, strict=True) if count}


def test_only_new_texts_are_counted(tmp_path: Path) -> None:
    file, count = tmp_path / "models/ngrams.npz", Words()
    cached_counts(["sì sì no", "no"], file, "a", count)
    again = cached_counts(["forse sì", "sì sì no", "forse sì"], file, "a", count)
    assert count.counted == ["sì sì no", "no", "forse sì"]
    found = [by_word(again, row) for row in range(3)]
    assert found == [{"forse": 1, "sì": 1}, {"sì": 2, "no": 1}, {"forse": 1, "sì": 1}]


def test_texts_left_out_leave_the_file_with_their_ngrams(tmp_path: Path) -> None:
    file, count = tmp_path / "ngrams.npz", Words()
    cached_counts(["uno", "due"], file, "a", count)
    cached_counts(["due"], file, "a", count)
    assert cached_counts(["due", "uno"], file, "a", count).ngrams == ["due", "uno"]
    assert count.counted == ["uno", "due", "uno"]


def test_another_manner_counts_all_anew(tmp_path: Path) -> None:
    file, count = tmp_path / "ngrams.npz", Words()
    cached_counts(["uno"], file, "a", count)
    cached_counts(["uno"], file, "b", count)
    assert count.counted == ["uno", "uno"]


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut"])
def test_a_broken_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    file, count = tmp_path / "ngrams.npz", Words()
    file.write_bytes(content)
    assert by_word(cached_counts(["uno"], file, "a", count), 0) == {"uno": 1}
    cached_counts(["uno"], file, "a", count)
    assert count.counted == ["uno"]
