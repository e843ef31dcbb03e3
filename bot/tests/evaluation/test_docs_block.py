from pathlib import Path

import pytest
from evaluation.docs_block import replace_block

DOCUMENT = "prima\n<!-- a:begin -->\nvecchio\n<!-- a:end -->\ndopo\n"


def test_only_the_block_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(DOCUMENT)
    for _ in range(2):
        replace_block(path, "a", "nuovo\n")
    assert path.read_text() == DOCUMENT.replace("vecchio", "nuovo")


def test_a_document_without_markers_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("senza")
    with pytest.raises(ValueError, match="a:begin"):
        replace_block(path, "a", "nuovo")
    assert path.read_text() == "senza"
