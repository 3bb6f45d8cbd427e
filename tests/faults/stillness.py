"""Whether processes are at rest: nothing happens in them until somebody or the clock stirs them.

An account may be closed then, and the clock be advanced without cutting off what is under way.
Linux alone tells.
"""

import time
from pathlib import Path

#: Nobody waits so long for the processor on a machine that is not overloaded (seconds).
GAP = 0.025


def rest(*pids: int | None, patience: float = 10.0, gap: float = GAP) -> bool:
    """Return once all of them have slept for ``gap``; False if they do not within ``patience``."""
    give_up = time.monotonic() + patience
    before = None
    while time.monotonic() < give_up:
        now = [_switches(pid) for pid in pids if pid is not None]
        if None not in now and now == before:
            return True
        before = now
        time.sleep(gap)
    return False


def _switches(pid: int) -> int | None:
    """How often the threads of a process were switched away from; None while one runs."""
    count = 0
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            status = (thread / "status").read_text()
            children = thread / "children"
            if children.exists() and children.read_text().strip():
                return None  # it waits for another program, in real time
            fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
            if fields["State"].split()[0] not in ("S", "Z"):
                return None
            count += int(fields["voluntary_ctxt_switches"])
            count += int(fields["nonvoluntary_ctxt_switches"])
    except (OSError, KeyError):
        return 0  # it has just ended
    return count
