"""A command of Rasa's own, without the TensorFlow that it would import for nothing."""

from __future__ import annotations

import sys
from typing import List


def run(words: List[str]) -> int:
    """Run the command; it ends this process where it fails."""
    from engine.without_tensorflow import leave_out_neural_components

    leave_out_neural_components()
    from engine.training import handle_sentences_once
    from rasa.__main__ import main

    handle_sentences_once()
    sys.argv = ["rasa", *words]
    main()
    return 0
