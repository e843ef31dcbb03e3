"""The tests' folder in memory: used only where it has room, and given back after a killed run."""

import os
from pathlib import Path

import pytest

from tests.support import memory_disk


def test_without_a_memory_disk_or_without_room_databases_lie_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_disk, "SHARED_MEMORY", tmp_path)
    monkeypatch.setattr(memory_disk, "ROOM_MIN", 1)
    assert memory_disk.place_with_room() == tmp_path
    monkeypatch.setattr(memory_disk, "ROOM_MIN", 2**60)
    assert memory_disk.place_with_room() is None
    monkeypatch.setattr(memory_disk, "SHARED_MEMORY", tmp_path / "nowhere")
    assert memory_disk.place_with_room() is None


def test_only_folders_of_ended_processes_are_removed(tmp_path: Path) -> None:
    names = [f"intercup-tests-{pid}-x" for pid in (os.getpid(), 2**30)]
    for name in (*names, "other"):
        (tmp_path / name).mkdir()
    memory_disk.free_memory(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [names[0], "other"]
