"""Lets the tests import the package's modules and the SDK."""

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PACKAGE), str(PACKAGE / "__SDK__" / "src")]
