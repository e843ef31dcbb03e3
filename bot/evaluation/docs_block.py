"""Generated parts of documents."""

from __future__ import annotations

from pathlib import Path


def replace_block(document: Path, name: str, text: str) -> None:
    """Put the text between the document's markers `<!-- name:begin -->` and `<!-- name:end -->`.

    Raises:
        ValueError: the document has no such markers.
    """
    whole = document.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, found_begin, rest = whole.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise ValueError(f"{document.name} has no markers {begin} … {end}")
    document.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", encoding="utf-8")
