"""A file that a citizen adds to a request: its kinds by content, its limits and its name."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from intercup.domain.normalise import normalise

FILES_MAX = 3  # of a request
FILE_MAX = 5 * 1024 * 1024  # bytes
NAME_MAX = 60  # characters, without the ending
HEAD = 32  # bytes that tell a kind


class FileKind(StrEnum):
    """A kind of file that offices can open, by the ending that its name gets."""

    PNG = "png"
    JPEG = "jpg"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        """The MIME type."""
        return "application/pdf" if self is FileKind.PDF else f"image/{self.name.lower()}"


_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"%PDF-", FileKind.PDF),
)
# Source: ISO/IEC 23008-12, the brands of a HEIF file.
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


class FileRefused(Exception):
    """A file that isn't taken; `reason` is a key of `file_problem` in texts.yaml."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class StoredFile:
    """A stored file; its content is deleted before its name."""

    id: str
    name: str
    kind: FileKind
    size: int  # bytes
    is_kept: bool = True


@dataclass(frozen=True)
class CleanFile:
    """A file that may be passed on: `content` was written by the service itself."""

    name: str
    kind: FileKind
    content: bytes


def kind_of(content: bytes) -> FileKind:
    """Return the kind that the first bytes tell, whatever the name says.

    Raises:
        FileRefused: it is empty, too large, or of no kind that is taken.
    """
    if not content:
        raise FileRefused("empty")
    if len(content) > FILE_MAX:
        raise FileRefused("large")
    for beginning, kind in _BEGINNINGS:
        if content.startswith(beginning):
            return kind
    raise FileRefused("heic" if _is_heic(content[:HEAD]) else "kind")


def _is_heic(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and any(brand in head[8:] for brand in _HEIC_BRANDS)


def clean_name(name: str, kind: FileKind) -> str:
    """Return a name on one line, without folders, with the ending of the content's kind."""
    last = PurePosixPath(normalise(name[-4 * NAME_MAX :]).replace("\\", "/")).name
    stem = "".join(character for character in last if character.isprintable())
    stem = stem.rpartition(".")[0] or stem
    return f"{stem.strip(' .')[:NAME_MAX].strip() or 'allegato'}.{kind}"


def mail_name(position: int, kind: FileKind) -> str:
    """Return the name in mails and downloads, which has no word of the citizen's; from 1."""
    return f"allegato-{position}.{kind}"


def size_text(size: int) -> str:
    """Return a size in bytes as people write it, in kB or MB."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} kB"
    return f"{size / 1024 / 1024:.1f} MB".replace(".", ",")
