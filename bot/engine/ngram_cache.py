"""The n-grams of the last training's texts, so that the next one only counts those of new texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Text

import numpy as np
from scipy.sparse import csr_matrix, vstack

from engine import kept_arrays
from engine.kept_arrays import of_names


@dataclass(frozen=True)
class Counts:
    """Counts of n-grams: a row for each text, a column for each n-gram."""

    matrix: csr_matrix
    ngrams: List[Text]

    def above(self, others: Counts) -> Counts:
        """Return these rows and below them the others'."""
        columns = {ngram: column for column, ngram in enumerate(self.ngrams)}
        for ngram in others.ngrams:
            columns.setdefault(ngram, len(columns))
        both = vstack([self.of_ngrams(columns), others.of_ngrams(columns)]).tocsr()
        return Counts(both, list(columns))

    def of_rows(self, rows: List[int]) -> Counts:
        """Return some rows, and only the n-grams in them."""
        matrix = self.matrix[rows]
        used = np.unique(matrix.indices)
        ngrams = [self.ngrams[column] for column in used]
        columns = {ngram: column for column, ngram in enumerate(ngrams)}
        return Counts(Counts(matrix, self.ngrams).of_ngrams(columns), ngrams)

    def of_ngrams(self, columns: Dict[Text, int]) -> csr_matrix:
        """Return the counts of some n-grams, each in its column."""
        places = np.array([columns.get(ngram, -1) for ngram in self.ngrams], np.int32)
        indices = places[self.matrix.indices]
        kept = indices >= 0
        ends = np.concatenate([[0], kept.cumsum()])[self.matrix.indptr]
        shape = (self.matrix.shape[0], len(columns))
        matrix = csr_matrix((self.matrix.data[kept], indices[kept], ends), shape)
        matrix.sort_indices()
        return matrix


def cached_counts(
    texts: List[Text], path: Path, manner: Text, count: Callable[[List[Text]], Counts]
) -> Counts:
    """Return a row for each text; the file then holds exactly these.

    `manner` is a fingerprint of `count`.
    """
    (mark,) = kept_arrays.keys_of([manner])
    keys = kept_arrays.keys_of(f"{mark.hex()} {text}" for text in texts)
    rows, counts = {}, Counts(csr_matrix((0, 0), dtype=np.float32), [])
    if kept := kept_arrays.read(path, "keys", "ngrams", "data", "indices", "indptr"):
        rows = {key.tobytes(): row for row, key in enumerate(kept["keys"])}
        ngrams = [ngram.decode() for ngram in kept["ngrams"].tolist()]
        csr = (kept["data"].astype(np.float32), kept["indices"], kept["indptr"])
        counts = Counts(csr_matrix(csr, (len(rows), len(ngrams))), ngrams)
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in rows}
    if new:
        rows.update(zip(new, range(len(rows), len(rows) + len(new)), strict=True))
        counts = counts.above(count(list(new.values())))
    if new or len(rows) > len(set(keys)):
        wanted = list(dict.fromkeys(keys))
        kept_counts = counts.of_rows([rows[key] for key in wanted])
        matrix = kept_counts.matrix
        kept_arrays.write(
            path,
            keys=kept_arrays.of_keys(wanted),
            ngrams=of_names(kept_counts.ngrams),
            data=matrix.data.astype(np.uint16),
            indices=matrix.indices.astype(np.int32),
            indptr=matrix.indptr,
        )
    return Counts(counts.matrix[[rows[key] for key in keys]], counts.ngrams)
