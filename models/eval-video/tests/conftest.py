"""Lets the tests import the evaluator, the SDK, and the two reference models that it is tested on."""

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
MODELS = PACKAGE.parent
sys.path[:0] = [str(PACKAGE), *(str(MODELS / name) for name in ("_server/src", "oracle-t2v", "noise-t2v"))]
