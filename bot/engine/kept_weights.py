"""The weights that a training leaves, from which the next one begins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import List, Sequence, Text

import numpy as np

from engine import kept_arrays
from engine.kept_arrays import of_names

BIAS = ""  # the name of the last row


@dataclass(frozen=True)
class KeptWeights:
    """A file of weights, found again by the names of features and labels, whatever their order."""

    path: Path
    features: Sequence[Text]

    def matching(self, labels: List[Text]) -> np.ndarray:
        """Return a row for each feature and the bias, a column for each label; new ones are 0."""
        found = np.zeros((len(self.features) + 1, len(labels)), np.float32)
        if kept := kept_arrays.read(self.path, "rows", "columns", "weights"):
            _, rows, old_rows = np.intersect1d(self._rows(), kept["rows"], True, True)
            _, columns, old_columns = np.intersect1d(of_names(labels), kept["columns"], True, True)
            found[np.ix_(rows, columns)] = kept["weights"][np.ix_(old_rows, old_columns)]
        return found

    def keep(self, labels: List[Text], weights: np.ndarray) -> None:
        """Replace the file; the weights are as `matching` returns them."""
        arrays = {"rows": self._rows(), "columns": of_names(labels), "weights": weights}
        kept_arrays.write(self.path, **arrays)

    def _rows(self) -> np.ndarray:
        return of_names([*self.features, BIAS])
