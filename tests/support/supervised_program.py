"""The program under test: a supervisor with the parts given as JSON."""

import asyncio
import json
import sys
from pathlib import Path

from intercup.supervisor import Limits, Part, Port, supervise

PROGRAM = Path(__file__).with_name("supervised_part.py")


def part(given: dict) -> Part:
    """Make a part of supervised_part.py and its arguments, unless a command is given."""
    does = given.pop("does", [])
    command = (sys.executable, str(PROGRAM), given["name"], *map(str, does))
    ready = given.pop("ready", None)
    return Part(
        command=tuple(given.pop("command", command)),
        ready=tuple(ready) if isinstance(ready, list) else ready,
        ports=tuple(Port(*port) for port in given.pop("ports", [])),
        **given,
    )


plan = json.loads(sys.argv[1])
sys.exit(
    asyncio.run(
        supervise(
            [part(given) for given in plan["parts"]],
            log_dir=Path(plan["log_dir"]),
            address="http://127.0.0.1:8080",
            limits=Limits(**plan["limits"]),
        )
    )
)
