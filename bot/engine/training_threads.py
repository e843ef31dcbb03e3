"""Work of a training in threads: it has thousands of sentences and free cores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, List, Sequence

THREADS = 2


def shares(count: int) -> List[slice]:
    """Return the parts of a sequence of this length, one for each thread."""
    size = -(-count // THREADS)
    return [slice(start, start + size) for start in range(0, count, size)]


def in_threads(function: Callable[[Any], Any], parts: Sequence[Any]) -> List[Any]:
    """Return the function's result for each part."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(function, parts))
