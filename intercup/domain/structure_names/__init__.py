"""Recognition of structure names in a text. The result is a proposal: the citizen confirms it.

`words` splits a text, `typos` compares words, `index` lists the directory's names, `mentions`
finds names in a text, `context` reads the words around them, `groups` joins names of the same
thing, `resolution` draws the conclusion.
"""

from intercup.domain.structure_names.resolution import Kind, Resolution, resolve_structure
from intercup.domain.structure_names.words import words_of

__all__ = ["Kind", "Resolution", "resolve_structure", "words_of"]
