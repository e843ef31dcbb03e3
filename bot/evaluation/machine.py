"""The machine behind the figures."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any, Dict


def describe_machine() -> Dict[str, Any]:
    """Describe this machine and its load."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    ram = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": names[0] if names else platform.machine(),
        "cores": os.cpu_count() or 1,
        "ram_gb": round(ram / 1e9, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }
