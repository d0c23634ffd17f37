"""Lives of a small house in processes of their own, each cut short by kill -9 but the last."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
GOES_ON_WITHIN = 120.0  # seconds


def killed_and_ended(module: str, folder: Path, pauses: Iterable[float]) -> None:
    """``python -m module folder`` for each pause (seconds between its word that it is ready and its death), then once with ``--last``."""
    for pause in pauses:
        process = _spawn(module, str(folder))
        assert process.stdout is not None
        with process.stdout as said:
            assert said.readline() == "ready\n", "the house did not come up again"
            time.sleep(pause)
            os.kill(process.pid, signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
    process = _spawn(module, str(folder), "--last")
    assert process.stdout is not None
    with process.stdout:
        assert process.wait(timeout=GOES_ON_WITHIN) == 0, "the last life did not end what was begun"


def _spawn(module: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
