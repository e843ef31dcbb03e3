"""`make bench`: both projects measured one after the other, 2 to 4 minutes.

`make bench ARGS=outbox` measures the deliveries alone, in half a minute; `ARGS=releases` a release
of a model under 8 citizens, in 8 minutes; `ARGS=attachments` turns beside others' files, in 3;
`ARGS=capacity` requests on PostgreSQL, then turns at 60 % and at 3 times that, in 13;
`ARGS=volume` pages and purge with 100,000 requests, in 5. `ARGS=year` simulates a year, in seconds,
and writes the tables of docs/capacity.md.
`ARGS=languages` what a language costs a turn, in 2.
"""

import asyncio
import sys

from bench import attachments, capacity, languages, outbox, plan, releases, volume, year
from bench.measure import Machine
from bench.report import write
from bench.service import measure_service
from bench.starter import measure_starter

TIME_LIMIT = 900.0  # seconds


async def main() -> None:
    """Measure, print and store the results."""
    machine = Machine.here()
    async with asyncio.timeout(TIME_LIMIT):
        print("Rasa's starter: training once (1 min), talking (30 s)…", file=sys.stderr)
        starter = await measure_starter()
        print("The service: requests of one citizen, then of 8 at once (40 s)…", file=sys.stderr)
        service = await measure_service()
    print(write(machine, starter, service))


if __name__ == "__main__":
    if sys.argv[1:] == ["outbox"]:
        print(outbox.write(Machine.here()))
    elif sys.argv[1:] == ["attachments"]:
        print(attachments.write(Machine.here()))
    elif sys.argv[1:] == ["releases"]:
        print(releases.write())
    elif sys.argv[1:] == ["volume"]:
        print(volume.write(Machine.here()))
    elif sys.argv[1:] == ["year"]:
        year.write()
        print(plan.write())
    elif sys.argv[1:] == ["languages"]:
        print(languages.write())
    elif sys.argv[1:2] == ["capacity"]:
        sys.exit(capacity.main(*map(float, sys.argv[2:])))
    else:
        asyncio.run(main())
