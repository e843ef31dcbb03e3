"""The origin of the answers, the files of bot/ relative to the working directory, and a patch."""

import difflib
import textwrap
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from intercup.domain.answers import Answer

HERE = Path()
FILES = (Path("bot/data/faq.yml"), Path("bot/domain.yml"))
WIDTH = 90  # characters of a folded line


def answers(program: Path = HERE) -> dict[str, Answer]:
    """Return the answers with words of a program's files by their first name, in their order."""
    return read_answers(program)


@lru_cache
def read_answers(program: Path) -> dict[str, Answer]:
    """Read them once."""
    texts = ((program / file).read_text("utf-8") for file in FILES)
    documents = (yaml.load(text, yaml.CSafeLoader) for text in texts)
    responses = [each for document in documents for each in document["responses"].items()]
    names: dict[int, list[str]] = {}  # An anchor and its aliases are read as one object.
    for name, variants in responses:
        names.setdefault(id(variants), []).append(name)
    return {
        name: Answer(
            tuple(names[id(variants)]),
            variants[0]["text"],
            variants[0].get("buttons", ()),
            variants[0].get("custom", {}),
        )
        for name, variants in responses
        if "text" in variants[0] and name == names[id(variants)][0]
    }


@lru_cache
def answer_by_name() -> dict[str, Answer]:
    """Return the answers by each of their names."""
    return {name: answer for answer in answers().values() for name in answer.names}


def patch_of(texts: Mapping[str, str]) -> str:
    """Return a patch for `git apply` that puts these texts into the files, by answer's name."""
    lines: list[str] = []
    for file in FILES:
        before = file.read_text("utf-8")
        after = _with_texts(before, texts)
        old, new = (text.splitlines(keepends=True) for text in (before, after))
        lines += difflib.unified_diff(old, new, f"a/{file.as_posix()}", f"b/{file.as_posix()}")
    return "".join(lines)


def _with_texts(source: str, texts: Mapping[str, str]) -> str:
    """Replace texts where they stand, so that comments and all other lines stay."""
    for start, end, indent, text in sorted(_places(source, texts), reverse=True):
        end = start + len(source[start:end].rstrip())
        source = source[:start] + _as_block(text, indent) + source[end:]
    return source


def _places(source: str, texts: Mapping[str, str]) -> Iterator[tuple[int, int, int, str]]:
    """Yield begin, end and indent of each text to be replaced, and the new one."""
    document: Any = yaml.compose(source)
    sections = {key.value: value for key, value in document.value}
    for name, variants in sections["responses"].value:
        for key, value in variants.value[0].value if name.value in texts else ():
            if key.value == "text":
                indent = key.start_mark.column + 2
                yield value.start_mark.index, value.end_mark.index, indent, texts[name.value]


def _as_block(text: str, indent: int) -> str:
    style = "|-"
    if "\n" not in text:
        style = ">-"
        text = textwrap.fill(text, WIDTH, break_on_hyphens=False, break_long_words=False)
    return f"{style}\n{textwrap.indent(text, ' ' * indent)}"
