"""What a server has used, from its master process down to the workers that have ended (Linux). Starts nothing."""

import os
import re
import time
from pathlib import Path

from tests.processes.running import descendants

_TICK = os.sysconf("SC_CLK_TCK")
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
# What Linux takes for "forget the highest memory use so far" (proc(5), clear_refs).
_FORGET_PEAK = "5"


def cpu_seconds(root: int) -> float:
    """User and system time of the process, of all below it, and of those below that have ended."""
    while True:
        try:
            return sum(_own(pid) + _reaped(pid) for pid in (root, *descendants(root)))
        except (FileNotFoundError, ProcessLookupError):
            continue  # one ended just now: its time is with its parent at the next look


def peak_memory(root: int) -> float:
    """The most memory, in MiB, that a process below `root` has had since `forget_peaks`."""
    found = [match for pid in descendants(root) if (match := _PEAK.search(_read(f"/proc/{pid}/status")))]
    return max((int(match[1]) for match in found), default=0) / 1024


def forget_peaks(root: int) -> None:
    """Let the peaks of the processes below `root` begin at what they have now."""
    for pid in descendants(root):
        Path(f"/proc/{pid}/clear_refs").write_text(_FORGET_PEAK)


def _own(pid: int) -> float:
    """Linux's CPU clock of a process, threads that ended included: in nanoseconds, where /proc counts hundredths."""
    return time.clock_gettime(~pid << 3 | 2)


def _reaped(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / _TICK


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
