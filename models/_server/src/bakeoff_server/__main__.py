"""`python -m bakeoff_server adapter:Ridge [--protocol native|openai-chat|evaluator]`, in a package folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .entry import ROUTES, run


def main() -> int:
    """Parses the command line; the protocol defaults to the manifest's own."""
    parser = argparse.ArgumentParser(prog="bakeoff_server", description="Serves a package.")
    parser.add_argument("target", help="module:Class of the Model or Evaluator")
    parser.add_argument("--protocol", choices=ROUTES)
    chosen = parser.parse_args()
    return run(chosen.target, chosen.protocol, Path.cwd())


sys.exit(main())
