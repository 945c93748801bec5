"""Lets the tests import the package's modules, the SDK and the suite's generator."""

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
SUITE = PACKAGE.parents[1] / "examples" / "suites" / "shapes"
sys.path[:0] = [str(PACKAGE), str(PACKAGE.parent / "_server" / "src"), str(SUITE)]
