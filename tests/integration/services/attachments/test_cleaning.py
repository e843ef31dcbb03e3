"""Hostile files: refused with a sentence, or clean; and nothing else is slowed."""

import asyncio
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from intercup.domain.attachment import FILE_MAX, FileKind, FileRefused, clean_name, kind_of
from intercup.errors import Unavailable
from intercup.services.attachments import cleaning
from intercup.services.attachments.cleaning import Cleaner
from intercup.services.attachments.rewriting import rewrite
from intercup.texts import TEXTS
from tests.support.hostile_files import HOSTILE, JPEG, PNG, SECRET, picture, with_place

SLOW = 0.25  # seconds that the event loop may wait on a busy machine


def verdict(content: bytes) -> str | tuple[FileKind, bytes]:
    """Return the reason, or the kind and the clean bytes, as the process of its own finds them."""
    try:
        kind = kind_of(content)
        return kind, rewrite(kind, content)
    except FileRefused as error:
        return error.reason
    except Exception:
        return "damaged"


def test_every_hostile_file_is_refused_with_a_sentence_or_clean() -> None:
    assert len(HOSTILE) >= 40
    wrong = []
    for name, content, expected in HOSTILE:
        found = verdict(content)
        if isinstance(found, str):
            is_right = found == expected and bool(TEXTS(f"file_problem.{found}"))
        else:
            kind, clean = found
            left = (SECRET.encode(), b"script", b"Exif", b"PK\3\4", b"acTL", b"CMYK")
            is_right = (
                expected == ""
                and not any(mark in clean for mark in left)
                and 0 < len(clean) <= FILE_MAX
                and kind_of(clean) == kind
                and clean_name(name, kind).endswith(f".{kind}")
            )
        if not is_right:
            wrong.append((name, expected, found))
    assert wrong == []


def test_a_photo_stays_upright_without_its_place() -> None:
    with Image.open(BytesIO(rewrite(FileKind.JPEG, with_place()))) as image:
        assert (image.size, dict(image.getexif())) == ((40, 64), {})


def test_a_transparent_picture_stays_transparent() -> None:
    with Image.open(BytesIO(rewrite(FileKind.PNG, picture(mode="RGBA")))) as image:
        assert image.mode == "RGBA"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("errore.PNG", "errore.png"),
        ("/home/agata/../errore.jpeg.exe", "errore.jpeg.png"),
        ("C:\\Documenti\\errore.png", "errore.png"),
        ("a\r\nBcc: x@example.org.png", "aBcc: x@example.org.png"),
        ("\u202e\0", "allegato.png"),
        ("", "allegato.png"),
        (".png", "png.png"),
        ("è" * 500, "è" * 60 + ".png"),
    ],
)
def test_a_name_has_one_line_and_the_ending_of_its_content(name: str, expected: str) -> None:
    assert clean_name(name, FileKind.PNG) == expected


async def test_a_file_passes_through_a_process_of_its_own_and_nothing_waits() -> None:
    longest = 0.0

    async def look() -> None:
        nonlocal longest
        while True:
            start = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - start - 0.01)

    looking = asyncio.create_task(look())
    large = picture(size=(4000, 3000))
    cleaner = Cleaner(None)
    image, photo, refused = await asyncio.gather(
        cleaner.clean("a", large),
        cleaner.clean("b.exe", JPEG),
        cleaner.clean("c", PNG[:40]),
        return_exceptions=True,
    )
    looking.cancel()
    assert (image.name, photo.name) == ("a.png", "b.jpg")  # type: ignore[union-attr]
    assert isinstance(refused, FileRefused)
    assert refused.reason == "damaged"
    assert longest < SLOW


async def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "TIMEOUT", 0.01)
    with pytest.raises(FileRefused, match="heavy"):
        await Cleaner(None).clean("a", PNG)


def test_the_process_has_limits_also_where_it_may_not_lower_its_priority() -> None:
    code = """
from intercup.services.attachments.rewriting import *
def forbidden(_): raise PermissionError
os.nice = forbidden
limit()
bytes(MEMORY_MAX)
"""
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert child.stderr.rstrip().endswith(b"MemoryError")


async def test_without_its_antivirus_no_file_is_taken(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="files_unchecked"):
        await Cleaner(tmp_path / "nobody").clean("a", PNG)
