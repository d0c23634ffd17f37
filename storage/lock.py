"""The lock that keeps two Signalboxes off one SQLite file; the system lets go of it when the process dies, however it dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engine.errors import Rejected

if sys.platform == "win32":
    import msvcrt

    FAR = 1 << 30  # a locked byte cannot be read on Windows: lock one far behind the text

    def _take(handle: int) -> None:
        os.lseek(handle, FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """Held from construction until ``release``. The file stays, with the pid of its last holder."""

    def __init__(self, path: Path, guarded: Path) -> None:
        """Raises Rejected naming the holder's pid when another process has it."""
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as err:
            raise Rejected(
                f"{path.parent} cannot be written ({err.strerror}). Give Signalbox the right to write there, "
                "or set SIGNALBOX_DATA to a folder of its own."
            ) from err
        try:
            _take(self._handle)
        except OSError as err:
            holder = _holder(self._handle)
            os.close(self._handle)
            raise Rejected(
                f"Another Signalbox (process {holder}) uses {guarded} already. Stop it first, or set SIGNALBOX_DATA to another folder."
            ) from err
        self._write_pid(path)

    def _write_pid(self, path: Path) -> None:
        try:
            os.ftruncate(self._handle, 0)
            os.lseek(self._handle, 0, os.SEEK_SET)
            os.write(self._handle, f"{os.getpid()}\n".encode())
        except OSError as err:
            os.close(self._handle)
            raise Rejected(f"{path} cannot be written ({err.strerror}). Free some space on its disk and start again.") from err

    def release(self) -> None:
        os.close(self._handle)


def _holder(handle: int) -> str:
    os.lseek(handle, 0, os.SEEK_SET)
    return os.read(handle, 32).decode("ascii", "replace").strip() or "unknown"
