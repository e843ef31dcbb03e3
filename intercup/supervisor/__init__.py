"""Run the parts of the service as processes of one terminal: start, watch, restart, stop."""

from intercup.supervisor.part import Limits, Part, Port
from intercup.supervisor.ports import free_instead, taken_ports
from intercup.supervisor.supervise import supervise
from intercup.supervisor.terminal_texts import port_taken

__all__ = [
    "Limits",
    "Part",
    "Port",
    "free_instead",
    "port_taken",
    "supervise",
    "taken_ports",
]
