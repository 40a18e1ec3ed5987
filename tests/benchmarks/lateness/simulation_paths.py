"""Imported first, so that the simulation runs without pytest, which has these folders from pyproject.toml."""

import sys

from tests.template import ROOT

sys.path[:0] = [folder for each in ("layers/core", "functions") if (folder := str(ROOT / each)) not in sys.path]
