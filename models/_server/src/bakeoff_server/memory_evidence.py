"""Proof that the kernel killed for memory: the OOM counter of this process's cgroup.

Called before a worker starts and after one died. SIGKILL alone is no proof: anybody can send it.
"""

from __future__ import annotations

from pathlib import Path

CGROUP_ROOT = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")


def oom_kill_count(root: Path = CGROUP_ROOT, own: Path = OWN_CGROUPS) -> int | None:
    """How often the kernel killed for memory in our cgroup; None where it cannot be known."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            folder, name = root, "memory.events"
        elif "memory" in controllers.split(","):
            folder, name = root / "memory", "memory.oom_control"
        else:
            continue
        # In a container the path may be the host's, with the own cgroup mounted at the root.
        for candidate in (folder / path.lstrip("/") / name, folder / name):
            count = _read_count(candidate)
            if count is not None:
                return count
    return None


def _read_count(path: Path) -> int | None:
    try:
        for line in path.read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
    except (OSError, ValueError):
        return None
    return None
