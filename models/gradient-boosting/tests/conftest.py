"""Lets these tests use the SDK's own client for real servers (models/_server/tests/server_process.py)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_server/tests"))
