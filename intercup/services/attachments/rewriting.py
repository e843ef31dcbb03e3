"""Write a file anew, without metadata or anything active: `python -m … png < file > clean`.

A process of its own, with limits, runs it: a hostile file can't slow or crash anything else.
"""

import os
import resource
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

from intercup.domain.attachment import FILE_MAX, FileKind, FileRefused

PIXELS_MAX = 25_000_000  # a large telephone photo; memory grows with it
UNPACKED_MAX = 200_000_000  # bytes of a PDF's contents, for whoever opens it
UNPACKED_AT_ONCE = 1_000_000  # bytes
MEMORY_MAX = 640 << 20  # bytes of addresses
CPU_MAX = 10  # seconds
NICENESS = 10  # other work goes first
QUALITY = 88  # of JPEG
REFUSED = 3  # exit status, with the reason on standard output
# Whatever runs by itself, leads out of the file or hides another one. Source: ISO 32000-2.
FORBIDDEN = frozenset(
    (
        *("/JS", "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/AA", "/XFA"),
        *("/EmbeddedFile", "/EmbeddedFiles", "/EF", "/AF", "/FileAttachment", "/GoToR", "/GoToE"),
        *("/RichMedia", "/RichMediaExecute", "/Rendition", "/Movie", "/Sound", "/3D"),
    )
)
# Where a part of a PDF tells who made it and with what; its pages look the same without.
TELLING = ("/Metadata", "/PieceInfo")
JPEG_TELLING = b"\xe1\xed\xfe"  # Exif and XMP, Photoshop, comment
JPEG_PICTURE = b"\xda"  # from here on


def rewrite(kind: FileKind, content: bytes) -> bytes:
    """Return the file written anew.

    Raises:
        FileRefused: it is too large, active or encrypted.
        Exception: it is damaged.
    """
    written = _pdf(content) if kind is FileKind.PDF else _image(kind, content)
    if len(written) > FILE_MAX:
        raise FileRefused("large")
    return written


def _image(kind: FileKind, content: bytes) -> bytes:
    """Decode the first picture, turn it as its metadata say, and write its pixels alone."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # checked here, from the header, before anything is decoded
    with Image.open(BytesIO(content), formats=[kind.name]) as image:
        if image.width * image.height > PIXELS_MAX:
            raise FileRefused("heavy")
        image.load()
        upright = ImageOps.exif_transpose(image)
    if kind is FileKind.JPEG and upright.mode not in ("RGB", "L"):
        upright = upright.convert("RGB")
    # Pillow writes comments, profiles and the like from here.
    upright.info = {name: v for name, v in upright.info.items() if name == "transparency"}
    output = BytesIO()
    upright.save(output, kind.name, quality=QUALITY)
    return output.getvalue()


def _pdf(content: bytes) -> bytes:
    """Look at every object, also in object streams; names are compared without their escapes."""
    import pikepdf

    try:
        document = pikepdf.open(BytesIO(content))
    except pikepdf.PasswordError:
        raise FileRefused("encrypted") from None
    with document:
        if document.is_encrypted:
            raise FileRefused("encrypted")
        if not document.pages:
            raise FileRefused("damaged")
        unpacked = 0
        for thing in document.objects:
            if not FORBIDDEN.isdisjoint(_names_in(thing)):
                raise FileRefused("active")
            if isinstance(thing, pikepdf.Stream):
                unpacked += _unpacked(thing, UNPACKED_MAX - unpacked)
                _untell_photo(thing)
            _untell(thing)
        if "/Info" in document.trailer:
            del document.trailer["/Info"]
        output = BytesIO()
        # Contents stay packed as they were.
        document.save(
            output,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            deterministic_id=True,
        )
        return output.getvalue()


def _unpacked(stream: Any, most: int) -> int:
    """Return the size of a stream's content, unpacked piece by piece.

    Raises:
        FileRefused: it is above `most`, or packed twice.
    """
    filters = [name for name in _names_in(stream.get("/Filter")) if name.startswith("/Fl")]
    if not filters:
        return len(stream.read_raw_bytes())
    if len(filters) > 1:
        raise FileRefused("heavy")
    unpacker, packed, size = zlib.decompressobj(), stream.read_raw_bytes(), 0
    while packed and not unpacker.eof:
        size += len(unpacker.decompress(packed, UNPACKED_AT_ONCE))
        packed = unpacker.unconsumed_tail
        if size > most:
            raise FileRefused("heavy")
    return size


def _untell_photo(stream: Any) -> None:
    packing = stream.get("/Filter")
    if list(_names_in(packing)) == ["/DCTDecode"]:
        untold = _untold(stream.read_raw_bytes())
        stream.write(untold, filter=packing, decode_parms=stream.get("/DecodeParms"))


def _untold(jpeg: bytes) -> bytes:
    """Return a JPEG without the segments, before its picture, that tell of it."""
    kept, at = bytearray(jpeg[:2]), 2
    while jpeg[at : at + 1] == b"\xff" and (kind := jpeg[at + 1 : at + 2]) not in JPEG_PICTURE:
        end = at + 1 if kind == b"\xff" else at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if kind not in JPEG_TELLING:
            kept += jpeg[at:end]
        at = end
    return bytes(kept + jpeg[at:])


def _untell(thing: object) -> None:
    """Delete what an object tells of its making, and the authors of its annotations."""
    import pikepdf

    for part in _parts_of(thing):
        if isinstance(part, (pikepdf.Dictionary, pikepdf.Stream)):
            is_note = "/Rect" in part and part.get("/Subtype") != "/Widget"  # whose /T is a field's
            for name in (*TELLING, "/T") if is_note else TELLING:
                if name in part:
                    del part[name]


def _names_in(thing: object) -> Iterator[str]:
    """Yield every name in an object, keys and values."""
    import pikepdf

    for part in _parts_of(thing):
        if isinstance(part, pikepdf.Name):
            yield str(part)
        elif isinstance(part, (pikepdf.Dictionary, pikepdf.Stream)):
            yield from part.keys()


def _parts_of(thing: object) -> Iterator[object]:
    """Yield an object and all in it; what it refers to is looked at by itself."""
    import pikepdf

    todo = [thing]
    while todo:
        each = todo.pop()
        yield each
        if isinstance(each, pikepdf.Array):
            todo += (part for part in each if not _is_elsewhere(part))
        elif isinstance(each, (pikepdf.Dictionary, pikepdf.Stream)):
            values = [each.get(key) for key in each.keys()]  # noqa: SIM118 (a Stream isn't a Mapping)
            todo += (value for value in values if not _is_elsewhere(value))


def _is_elsewhere(value: object) -> bool:
    return bool(getattr(value, "is_indirect", False))


def limit() -> None:
    """Bound this process's memory and time; other work goes first."""
    with suppress(OSError):  # where even that is forbidden
        os.nice(NICENESS)
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_MAX),
        (resource.RLIMIT_CPU, CPU_MAX),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # macOS has no limit of addresses
            resource.setrlimit(kind, (most, most))


def main() -> int:
    """Rewrite standard input to standard output."""
    limit()
    try:
        written, status = rewrite(FileKind(sys.argv[1]), sys.stdin.buffer.read()), 0
    except FileRefused as error:
        written, status = error.reason.encode(), REFUSED
    sys.stdout.buffer.write(written)
    return status


if __name__ == "__main__":
    sys.exit(main())
