"""Models by the hash of their content. Each program's published model is the newest such row.

A model belongs to the files that it was trained from: `base` is their fingerprint, which the
training of `make train` leaves beside its model. So cells with different programs don't disturb
each other during an update.
"""

import hashlib
import io
import json
import logging
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, defer

from intercup.db.prepared import Prepared
from intercup.db.tables import Model
from intercup.services.privacy.retention import TRAINING

NAME_LENGTH = 8  # as in bot/engine/channel.py
WAYS_BACK = 5  # published models that stay, besides the one in use
CANDIDATES = 3  # models never published that stay
SHIPPED = "make train"
CANDIDATE = "rasa train"
_METADATA = "metadata.json"
_LOCK = 0x1C_DC  # PostgreSQL's advisory lock; that of migrations is 0x1C_DB
_ROWS = cast(Table, Model.__table__)
logger = logging.getLogger(__name__)


def _recent[T](chosen: Select[T], base: Any) -> Select[T]:
    """Choose a program's published model and the ways back, newest first."""
    return (
        chosen.where(_ROWS.c.base == base, _ROWS.c.published_at.is_not(None))
        .order_by(_ROWS.c.published_at.desc())
        .limit(1 + WAYS_BACK)
    )


_RECENT_HASHES = Prepared(_recent(select(_ROWS.c.sha256), bindparam("base")))


@dataclass(frozen=True)
class Shipped:
    """The model that `make train` made of the program's files; `base` is empty without one."""

    file: Path

    @property
    def base(self) -> str:
        """The fingerprint of the program's files."""
        mark = self.file.with_name(f"{self.file.name}.sources")
        return mark.read_text("utf-8") if mark.exists() and self.file.exists() else ""

    @property
    def newest(self) -> Path:
        """The newest model beside it, as `rasa shell` chooses."""
        return max(self.file.parent.glob("*.tar.gz"), key=lambda file: file.stat().st_mtime)


async def publish_shipped(writing: AsyncSession, shipped: Shipped, now: float) -> None:
    """Publish the model of `make train` if nothing is published for this program."""
    base = shipped.base
    await alone(writing)  # Two cells may find none at once.
    if base and await published(writing, base) is None:
        added = await add(writing, shipped.file.read_bytes(), base, SHIPPED, now)
        await publish(writing, added, SHIPPED, now)


async def publish_candidate(writing: AsyncSession, shipped: Shipped, now: float) -> None:
    """Publish the newest file of a model, as `rasa train` makes, unless another came after it.

    Only for the demo, where nobody tries a model before it answers.
    """
    await alone(writing)
    in_use = await published(writing, shipped.base)
    if in_use is None or in_use.published_at is None:
        return
    newest = shipped.newest
    is_chosen = in_use.published_by != SHIPPED  # which is published at a start, however late
    if is_chosen and in_use.published_at > newest.stat().st_mtime:
        return
    content = newest.read_bytes()
    try:
        added = await add(writing, content, shipped.base, CANDIDATE, now)
    except (tarfile.TarError, EOFError, OSError, StopIteration, ValueError, KeyError):
        logger.warning("%s isn't a model of Rasa: it isn't used", newest)
        return
    if added != in_use.sha256:
        await publish(writing, added, CANDIDATE, now)


async def add(
    writing: AsyncSession,
    content: bytes,
    base: str,
    by: str,
    now: float,
    examples: int = 0,
    report: dict[str, Any] | None = None,
) -> str:
    """Store a model and return its hash; the same content again changes only its report."""
    sha256 = hashlib.sha256(content).hexdigest()
    await alone(writing)  # Nobody may publish what is about to be forgotten.
    known = await writing.get(Model, sha256, options=[defer(Model.content)])
    if known:
        known.report = report or known.report
        return sha256
    writing.add(
        Model(
            sha256=sha256,
            name=name_in(content),
            base=base,
            content=content,
            made_at=now,
            made_by=by,
            examples=examples,
            report=report,
        )
    )
    await writing.flush()
    await _forget_old(writing, base)
    return sha256


def name_in(content: bytes) -> str:
    """Return the beginning of Rasa's own id of a model, which its readings name."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        member = next(each for each in archive if each.name.endswith(_METADATA))
        file = archive.extractfile(member)
        assert file is not None  # noqa: S101 - narrows the type; it is a plain file.
        return str(json.load(file)["model_id"])[:NAME_LENGTH]


async def _forget_old(writing: AsyncSession, base: str) -> None:
    kept = await recent_hashes(writing, base)
    candidates = await writing.scalars(
        select(Model.sha256)
        .where(Model.published_at.is_(None))
        .order_by(Model.made_at.desc())
        .limit(CANDIDATES)
    )
    # Other programs' published models are of cells not yet, or no more, on this version.
    others = Model.base != base, Model.published_at.is_not(None)
    newest = await writing.scalars(
        select(Model.sha256).where(*others).order_by(Model.published_at.desc()).limit(WAYS_BACK)
    )
    kept += [*candidates, *newest]
    await writing.execute(delete(Model).where(Model.sha256.not_in(kept)))


async def published(reading: AsyncSession, base: str) -> Model | None:
    """Return the published model of a program, without its content."""
    return next(iter(await recently_published(reading, base)), None)


async def recently_published(reading: AsyncSession, base: str) -> Sequence[Model]:
    """Return a program's published model and the ways back, newest first, without contents."""
    without_content = select(Model).options(defer(Model.content, raiseload=True))
    return (await reading.scalars(_recent(without_content, base))).all()


async def recent_hashes(reading: AsyncSession, base: str) -> list[str]:
    """Return the hashes of `recently_published`; Rasa asks for them every second."""
    return [row[0] for row in await _RECENT_HASHES.rows(reading, {"base": base})]


async def find(reading: AsyncSession, base: str, sha256: str) -> Model | None:
    """Return a program's model, without its content."""
    return next((each for each in await models(reading, base) if each.sha256 == sha256), None)


async def held(writing: AsyncSession, base: str) -> Sequence[Model]:
    """Return `recently_published`; until this transaction ends nobody else gets them so."""
    await alone(writing)
    return await recently_published(writing, base)


async def alone(writing: AsyncSession) -> None:
    """Let any other transaction that calls this wait until this one ends."""
    if writing.get_bind().dialect.name == "postgresql":  # SQLite lets one write anyway.
        # A lock of rows would lock nothing while there is no model.
        await writing.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def models(reading: AsyncSession, base: str) -> Sequence[Model]:
    """Return a program's models, the newest published first, then the candidates."""
    rows = await reading.scalars(
        select(Model)
        .where(Model.base == base)
        .order_by(Model.published_at.desc().nulls_last(), Model.made_at.desc())
        .options(defer(Model.content, raiseload=True))
    )
    return rows.all()


async def content_of(reading: AsyncSession, sha256: str) -> bytes:
    """Return a model's file."""
    return await reading.scalar(select(Model.content).where(Model.sha256 == sha256)) or b""


def outlived(now: float) -> ColumnElement[bool]:
    """Choose old models; of each program's the one in use and the one before it stay."""
    newer = aliased(Model)
    later = select(func.count()).where(
        newer.base == Model.base, newer.published_at > Model.published_at
    )
    old = func.coalesce(Model.published_at, Model.made_at) < now - TRAINING.total_seconds()
    return and_(old, or_(Model.published_at.is_(None), later.scalar_subquery() >= 2))


def missed_gates(model: Model, in_use: Model | None) -> list[str]:
    """Return the gates that a model never published has missed.

    It is "tried" if it wasn't tried, "compared" if it was with another model than the one in use.
    """
    if model.published_at is not None:
        return []
    report = model.report or {"gates": {"tried": False}}
    is_compared = report.get("against") in (None, in_use and in_use.name)
    gates = report["gates"] | {"compared": is_compared}
    return [name for name, passed in gates.items() if not passed]


async def publish(writing: AsyncSession, sha256: str, by: str, now: float) -> bool:
    """Publish a stored model, also one published before; False if it is gone."""
    newest = await writing.scalar(select(func.max(Model.published_at)))
    at = max(now, (newest or 0.0) + 0.001)  # another machine's clock may be ahead
    found = await writing.scalars(
        update(Model)
        .where(Model.sha256 == sha256)
        .values(published_at=at, published_by=by)
        .returning(Model.sha256)
    )
    return bool(found.all())
