"""The confusion matrix as a picture."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Sequence

import numpy as np

from evaluation.metrics import Prediction

INCHES = 11.0
DOTS_PER_INCH = 100  # below 200 kB, and the labels can be read
DARK = 0.5  # share from which a number is white


def draw_confusion(predictions: Sequence[Prediction], title: str, path: Path) -> None:
    """Draw the true intents as rows and the understood ones as columns."""
    import matplotlib

    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # It warns about its own styles.
    matplotlib.use("Agg")
    from matplotlib import pyplot

    labels = sorted({p.label for p in predictions} | {p.predicted for p in predictions})
    counts = _counts(predictions, labels)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, axes = pyplot.subplots(figsize=(INCHES, INCHES))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=90)
    axes.set_yticks(range(len(labels)), labels)
    axes.set(title=title, xlabel="intento capito", ylabel="intento giusto")
    axes.set_xticks(np.arange(len(labels)) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(labels)) - 0.5, minor=True)
    axes.grid(which="minor", color="0.9", linewidth=0.5)
    axes.tick_params(which="minor", length=0)
    for row, column in zip(*np.nonzero(counts), strict=True):
        color = "white" if shares[row, column] > DARK else "black"
        axes.text(column, row, counts[row, column], ha="center", va="center", color=color, size=8)
    figure.savefig(path, dpi=DOTS_PER_INCH, bbox_inches="tight")
    pyplot.close(figure)


def _counts(predictions: Sequence[Prediction], labels: Sequence[str]) -> np.ndarray:
    index = {label: i for i, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=int)
    for p in predictions:
        counts[index[p.label], index[p.predicted]] += 1
    return counts
