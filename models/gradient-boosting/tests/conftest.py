"""Lets these tests use what they share with other packages (models/_server/tests)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "_server/tests"))
pytest.register_assert_rewrite("regression_tests")
