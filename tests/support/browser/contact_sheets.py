"""Contact sheets: all widths and colours of a state on one picture, phones in their own size."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import accumulate, groupby
from pathlib import Path

from PIL import Image

ROW = 1400  # pixels, a row's width
PHONE = 400  # pixels, the widest screen that keeps its own size
GAP = 8
GREY = (128, 128, 128)


def make_sheets(folder: Path) -> None:
    """Lay out each state's pictures, `NUMBER STATE WIDTH COLOURS.png` in each test's folder."""
    states: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for picture in sorted(folder.glob("*/* *.png")):
        states[picture.parent, picture.stem.split(" ")[1]].append(picture)
    for (test, state), pictures in states.items():
        _sheet(pictures).save(folder / f"{test.name} {state}.jpg", quality=85)


def _sheet(pictures: Iterable[Path]) -> Image.Image:
    """Put the phones in a row, and each wider screen in one of its own below."""
    images = sorted(map(Image.open, pictures), key=lambda image: image.width)
    rows = [_row(list(row)) for _, row in groupby(images, lambda image: max(image.width, PHONE))]
    *tops, height = accumulate((row.height for row in rows), initial=0)
    sheet = Image.new("RGB", (ROW, height), GREY)
    for row, top in zip(rows, tops, strict=True):
        sheet.paste(row, (0, top))
    return sheet


def _row(images: list[Image.Image]) -> Image.Image:
    """Put pictures side by side, at one scale that lets all of them fit."""
    room = ROW - GAP * len(images)
    scale = min(1.0, room / (sum(image.width for image in images) or 1))
    sizes = [(int(image.width * scale), int(image.height * scale)) for image in images]
    small = [i.resize(size, reducing_gap=2.0) for i, size in zip(images, sizes, strict=True)]
    row = Image.new("RGB", (ROW, max((i.height + GAP for i in small), default=0)), GREY)
    left = 0
    for image in small:
        row.paste(image, (left, 0))
        left += image.width + GAP
    return row
