"""The command line that lets a developer talk to Rasa as a test citizen."""

import argparse
from pathlib import Path

from intercup.commands.shell_place import shell_command


def test_an_id_that_begins_with_a_dash_is_no_option() -> None:
    words = shell_command(Path("here"), "-idhgnaL").partition("rasa shell ")[2]
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--conversation-id")
    parser.add_argument("-i", "--interface")  # `rasa shell` has it
    known, _others = parser.parse_known_args(words.replace("\\\n", " ").split())
    assert known.conversation_id == "-idhgnaL"
