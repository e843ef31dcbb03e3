"""The terminal's view: a live table, or plain lines without a terminal."""

import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from intercup.supervisor import terminal_texts as texts
from intercup.supervisor.part import Part
from intercup.supervisor.ports import TakenPort
from intercup.supervisor.state import PASSING, Ended, Row, State


class Screen:
    """Show the parts' states and events."""

    def __init__(
        self,
        console: Console,
        parts: Sequence[Part],
        *,
        log_dir: Path,
        title: str,
        address: str,
        hints: Sequence[tuple[str, str]],
    ):
        self.rows = [Row(part) for part in parts]
        self._console = console
        self._log_dir = log_dir
        self._title = title
        self._address = address
        self._hints = hints
        self._ready_seconds: float | None = None
        self._live: Live | None = None
        self._shown: object = None
        self._quoted: dict[str, Sequence[str]] = {}

    @property
    def is_live(self) -> bool:
        """Return True if the table is redrawn in place."""
        return self._live is not None

    def open(self) -> None:
        """Show the title and all parts as starting."""
        self._console.print(Text(f"\n{self._title}\n", "bold"))
        console = self._console
        if console.is_terminal and not console.is_dumb_terminal and not console.no_color:
            self._live = Live(self._frame(), console=console, auto_refresh=False)
            self._live.start(refresh=True)

    def close(self) -> None:
        """Leave the last table on the terminal."""
        if self._live is not None:
            self.refresh()
            self._live.stop()

    def refresh(self) -> None:
        """Redraw the table if its content has changed."""
        seen = [(row.state, texts.state(row), texts.beside(row)) for row in self.rows]
        if self._live is not None and seen != self._shown:
            self._shown = seen
            self._live.update(self._frame(), refresh=True)

    def change(self, row: Row, state: State, seconds: float = 0.0) -> None:
        """Show a part's new state."""
        row.enter(state, seconds)
        if self._live is not None:
            self.refresh()
        elif state is State.STARTING:
            self._line(row, "avvio")
        elif state not in PASSING:
            self._line(row, texts.state(row))

    def restarting(self, row: Row, end: Ended, delay_seconds: float) -> None:
        """Report that a part ended by itself, with its last lines and the restart's delay."""
        row.enter(State.RESTARTING, delay_seconds)
        self._failure(row, texts.restarting(end, delay_seconds), end)

    def gave_up(self, row: Row, end: Ended, attempts: int) -> None:
        """Report that a part won't be restarted."""
        row.enter(State.FAILED)
        if row.part.critical:
            self._ready_seconds = None
        self._quoted.pop(row.part.name, None)
        self._failure(row, texts.gave_up(end, attempts), end)

    def all_ready(self, seconds: float) -> None:
        """Show the address and the hints, for as long as the table stays."""
        self._ready_seconds = seconds
        self._shown = None
        if self._live is None:
            self._console.print(self._welcome())
        self.refresh()

    def stopping(self, sentence: str) -> None:
        """Report the shutdown and remove the address."""
        self._ready_seconds = None
        self.say(sentence)

    def say(self, sentence: str, style: str = "") -> None:
        """Print a sentence above the table."""
        self._console.print(Text(sentence, style), soft_wrap=True)

    def ports_taken(self, taken: Sequence[TakenPort]) -> None:
        """Report each taken port and its remedy."""
        for port in taken:
            problem, remedy = texts.port_taken(port)
            self.say(f"✗ {problem}", "red")
            self.say(f"  {remedy}")

    def _line(self, row: Row, words: str, style: str = "") -> None:
        clock, name = time.strftime("%H:%M:%S"), f"{row.part.name:<{self._width}}"
        self._console.print(
            Text.assemble((clock, "dim"), "  ", (f"{name}  {words}", style)), soft_wrap=True
        )

    def _failure(self, row: Row, words: str, end: Ended) -> None:
        self._line(row, words, row.state.value[1])
        # Repeated failures with the same lines quote them once.
        if self._quoted.get(row.part.name) != end.lines:
            self._quoted[row.part.name] = end.lines
            about = texts.LAST_LINES if end.lines else texts.NO_LINES
            quoted = [about.format(log=shown_path(end.log)), *(f"│ {line}" for line in end.lines)]
            self.say("\n".join(f"{'':10}{line}" for line in quoted) + "\n", "dim")
        self.refresh()

    @property
    def _width(self) -> int:
        return max(len(row.part.name) for row in self.rows)

    def _frame(self) -> RenderableType:
        welcome = [] if self._ready_seconds is None else [self._welcome()]
        # A spare last line: otherwise the terminal's echo, such as ^C, would wrap.
        return Group(self._table(), "", *welcome)

    def _table(self) -> RenderableType:
        table = Table.grid(padding=(0, 3, 0, 0))
        table.add_column(no_wrap=True, min_width=self._width + 2)
        table.add_column(no_wrap=True, overflow="ellipsis", style="dim")
        table.add_column(no_wrap=True, min_width=15)
        table.add_column(no_wrap=True, justify="right", style="dim", min_width=12)
        for row in self.rows:
            mark, colour = row.state.value
            table.add_row(
                Text.assemble((mark, colour), " ", row.part.name),
                row.part.purpose,
                Text(texts.state(row), colour),
                texts.beside(row),
            )
        return Padding(table, (0, 0, 0, 2), expand=False)

    def _welcome(self) -> RenderableType:
        ready = Text(texts.all_ready(self._ready_seconds or 0.0, self._address), "bold green")
        hints = Table.grid(padding=(0, 3, 0, 0))
        for label, value in self._hints:
            hints.add_row(Text(label, "dim"), Text(value))
        footer = Text(texts.FOOTER.format(log_dir=shown_path(self._log_dir)), "dim")
        shown: list[RenderableType] = [hints, ""] if self._hints else []
        return Group(Padding(Group(ready, "", *shown, footer), (0, 0, 0, 2), expand=False), "")


def shown_path(path: Path) -> str:
    """Format a path relative to the current folder if that is shorter."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
