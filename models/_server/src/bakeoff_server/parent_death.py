"""Ends a worker whose server is gone, so that `kill -9` of the server leaves no process.

Called once by the worker at its start. On Linux the kernel does it; elsewhere the closed channel does.
"""

from __future__ import annotations

import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(parent_id: int) -> None:
    """Asks for SIGKILL at the parent's death; exits at once when the parent is dead already."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_id:
        os._exit(1)
