"""Run the parts of the service as processes of one terminal: start, watch, restart, stop."""

from intercup.supervisor.part import Limits, Part, Port
from intercup.supervisor.supervise import supervise

__all__ = ["Limits", "Part", "Port", "supervise"]
