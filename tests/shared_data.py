"""Where the measuring data lies that is not part of this repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared"


def shared(path: str) -> Path:
    """A file or folder of the measuring data; the test is skipped, with the reason, where it is not at hand."""
    found = Path(os.environ.get("SIGNALBOX_SHARED", str(_BESIDE))) / path
    if not found.exists():
        pytest.skip(f"needs the measuring data: {path} is not there (set SIGNALBOX_SHARED to its folder)")
    return found
