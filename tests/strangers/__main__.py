"""`python -m tests.strangers FILE…`: play the conversations and count offices and questions."""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

from intercup.domain.directory import Directory
from intercup.services.structures.structures_file import load_directory
from tests.strangers.player import Played, Player
from tests.strangers.script import Script, load_scripts
from tests.support.chatting_citizen import ChattingCitizen
from tests.support.paths import ROOT
from tests.support.running_service import run_service

LIMIT = 120.0  # seconds for one conversation


def main() -> int:
    """Play the files' conversations and print the figures, the wrong ones with their words."""
    parser = argparse.ArgumentParser(prog="python -m tests.strangers", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--all", action="store_true", help="print every conversation's words")
    given = parser.parse_args()
    scripts = [script for file in given.files for script in load_scripts(file)]
    directory = load_directory(ROOT / "config/structures.yaml")
    with tempfile.TemporaryDirectory(prefix="intercup-") as folder:
        running = run_service(Path(folder))
        try:
            played = asyncio.run(_play_all(next(running).url, scripts, directory))
        finally:
            next(running, None)
    for number, each in enumerate(played, 1):
        verdict = each.verdict(directory)
        is_told = given.all or verdict != "right" or each.error or each.buttons_after_words
        if is_told:
            print(f"\n--- {number} {each.script.who}: {verdict} {each.error}")  # noqa: T201
            print(f"right: {each.script.right} got: {each.recipients}")  # noqa: T201
            print("\n".join(each.transcript))  # noqa: T201
    _print_figures(played, directory)
    return 0


async def _play_all(url: str, scripts: list[Script], directory: Directory) -> list[Played]:
    played = []
    for number, script in enumerate(scripts, 1):
        async with ChattingCitizen(url) as citizen:
            player = Player(citizen, script, number, directory)
            try:
                async with asyncio.timeout(LIMIT):
                    played.append(await player.play())
            except (AssertionError, TimeoutError) as error:
                player.played.error = repr(error)
                played.append(player.played)
    return played


def _print_figures(played: list[Played], directory: Directory) -> None:
    count = len(played)
    verdicts = Counter(each.verdict(directory) for each in played)
    wrong_unasked = sum(
        each.verdict(directory) == "wrong office" and not each.asked for each in played
    )
    sent = sum(bool(each.recipients) for each in played)
    print(f"\nconversations {count}, requests {sent}: {dict(verdicts)}")  # noqa: T201
    print(f"wrong office without a question about it: {wrong_unasked}")  # noqa: T201
    unnamed = sum(
        each.verdict(directory) == "wrong office" and not (each.asked or each.is_named(directory))
        for each in played
    )
    print(f"of these, the right office not named at the summary either: {unnamed}")  # noqa: T201
    named = sum(bool(each.beside) for each in played)
    print(f"another office named at the summary: {named}")  # noqa: T201
    print(f"asked about the office: {sum(each.asked for each in played)}")  # noqa: T201
    by_button = sum(each.buttons_after_words > 0 for each in played)
    print(f"a button only after words had failed: {by_button}")  # noqa: T201
    plain = sum(each.asked_for_a_plain_yes > 0 for each in played)
    print(f"a plain «sì» asked for after a yes in own words: {plain}")  # noqa: T201
    alarmed = sum(each.alarmed and not each.script.right.emergency for each in played)
    print(f"an alarm without an emergency: {alarmed}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
