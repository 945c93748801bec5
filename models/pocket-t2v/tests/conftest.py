"""Lets the tests import the package's modules, the SDK, the training data and the scorer."""

import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
MODELS = PACKAGE.parent
others = [MODELS / "_server" / "src", MODELS / "eval-video", PACKAGE / "training"]
sys.path[:0] = [str(PACKAGE), *map(str, others)]
