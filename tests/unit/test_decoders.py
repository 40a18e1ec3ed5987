"""Decoders are large, slow to import and written in C: they are in the workshop's child and in no function."""

import subprocess
import sys

from tests.template import ROOT
from tests.unit.test_template import FUNCTIONS

DECODERS = ("PIL", "av", "pillow_heif", "numpy")


def test_no_function_imports_a_decoder_also_not_the_one_that_has_them() -> None:
    apps = sorted(found["Properties"]["Handler"].rpartition(".")[0] for found in FUNCTIONS.values())
    code = f"import sys, {', '.join(apps)}; print(sorted(set({DECODERS}) & sys.modules.keys()))"
    path = f"{ROOT / 'layers/core'}:{ROOT / 'functions'}"
    found = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        env={"PYTHONPATH": path, "AWS_DEFAULT_REGION": "eu-central-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[]"
