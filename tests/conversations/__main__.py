"""`make conversations`: run the conversations and show how each went."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from tests.support.conversations.answers import not_heard
from tests.support.conversations.format import LoadedConversation, load_conversations
from tests.support.conversations.runner import run_conversation
from tests.support.running_service import run_service

LIMIT = 120.0  # seconds for one conversation


def main() -> int:
    """Run all conversations, or those whose name holds a word of the command line."""
    parser = argparse.ArgumentParser(prog="make conversations", description=__doc__)
    parser.add_argument("words", nargs="*", help="solo le conversazioni che contengono una parola")
    words = parser.parse_args().words
    console = Console(highlight=False, soft_wrap=True)
    try:
        chosen = _chosen(words)
    except ValueError as error:
        console.print(f"[red]Un file non è scritto bene:[/red]\n{escape(str(error))}")
        return 2
    if not chosen:
        console.print("Nessuna conversazione ha questo nome.")
        return 2
    console.print("Avvio il servizio (circa 10 s)…")
    with _service() as url:
        failed, heard = asyncio.run(_run_all(console, url, chosen))
    missing = [] if words or failed else not_heard(heard)
    for name in missing:
        console.print(f"[red]Nessuna conversazione fa dire all'assistente {name}[/red]")
    passed = len(chosen) - len(failed)
    console.print(f"\n{passed} conversazioni riuscite su {len(chosen)}")
    return 1 if failed or missing else 0


def _chosen(words: list[str]) -> list[LoadedConversation]:
    every = load_conversations(Path(__file__).parent)
    return [c for c in every if not words or any(word.lower() in c.id.lower() for word in words)]


@contextmanager
def _service() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="intercup-") as folder:
        running = run_service(Path(folder))
        try:
            yield next(running).url
        finally:
            next(running, None)


async def _run_all(
    console: Console, url: str, chosen: list[LoadedConversation]
) -> tuple[list[str], list[str]]:
    failed: list[str] = []
    heard: list[str] = []
    for position, loaded in enumerate(chosen, 1):
        begun = time.monotonic()
        try:
            async with asyncio.timeout(LIMIT):
                heard += await run_conversation(url, loaded.test)
            mark, report = "[green]✓[/green]", ""
        except (AssertionError, TimeoutError) as error:
            mark, report = "[red]✗[/red]", str(error) or f"oltre {LIMIT:.0f} s"
            failed.append(loaded.id)
        seconds = f"{time.monotonic() - begun:4.1f} s"
        console.print(f"{mark} {position:3}/{len(chosen)} {seconds}  {escape(loaded.id)}")
        if report:
            console.print(escape(report))
    return failed, heard


if __name__ == "__main__":
    sys.exit(main())
