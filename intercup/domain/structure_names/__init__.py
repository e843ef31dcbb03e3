"""Find which structure a person means. The result only proposes: the citizen confirms it.

`words` cuts a text, `typos` compares words, `index` lists every name of the directory, `mentions`
finds names in a text, `context` reads what stands around them, `groups` puts together those that
speak of the same thing, `resolution` draws the conclusion.
"""

from intercup.domain.structure_names.resolution import Kind, Resolution, resolve_structure
from intercup.domain.structure_names.words import words_of

__all__ = ["Kind", "Resolution", "resolve_structure", "words_of"]
