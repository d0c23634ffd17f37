"""What the data folder keeps beside the database: secrets made at first start, and where the running Signalbox is found."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
from pathlib import Path

from engine.errors import Rejected

log = logging.getLogger(__name__)

ADDRESS = "address"
KEY_FILE, NEXT_FILE = "secret-key", "secret-key.next"  # see ``storage.rotating``
LONGEST = 4096  # bytes of a kept file


def kept_secret(folder: Path, name: str) -> str:
    """The secret in ``folder/name``; made at first start, whole or not at all, readable by its owner only.

    Raises Rejected when the folder or the file cannot be used, or the file holds no secret.
    """
    path = folder / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write(path, new_secret(), fresh=True)
        kept = path.read_bytes()[:LONGEST]
    except OSError as error:
        raise Rejected(_unusable(folder, path, error)) from error
    text = kept.decode("ascii", "replace").strip()
    if not is_secret(text):
        raise Rejected(
            f"{path} is empty or damaged. Put it back from a backup, or delete it and a new one is made "
            "(what was stored or signed in with the old one is then asked for anew)."
        )
    return text


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def is_secret(text: str) -> bool:
    """Whether it can stand in a header: visible ASCII without blanks."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def write_secret(path: Path, text: str) -> None:
    """All of it under its name, durable, readable by its owner only. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, text)


def _unusable(folder: Path, path: Path, error: OSError) -> str:
    if os.path.isdir(folder):  # Path's own raises for a name too long
        return (
            f"{path} cannot be read or made ({error.strerror}). Give Signalbox the right to read and write in {folder} "
            "and see that its disk has space, or set SIGNALBOX_DATA to another folder."
        )
    if os.path.exists(folder):
        return f"{folder} is a file, and Signalbox needs a folder there. Move it away, or set SIGNALBOX_DATA to another folder."
    return (
        f"The folder {folder} cannot be made ({error.strerror}). Make it yourself, or set SIGNALBOX_DATA to a folder that can be written."
    )


def _write(path: Path, text: str, *, fresh: bool = False) -> None:
    """All of it under its name, or nothing; ``fresh``: what somebody else made meanwhile stays."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if fresh:
            _name_once(part, path)
        else:
            os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _name_once(part: Path, path: Path) -> None:
    try:
        os.link(part, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        os.replace(part, path)


# --- where the running one is found --------------------------------------------------------------------------------------


def tell_address(folder: Path, url: str) -> None:
    """Leave word for the commands that work beside a running server; without it they look at the port that is set."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # not there yet where all secrets are set and the database is a server
        _write(folder / ADDRESS, url)
    except OSError as error:
        log.warning("%s could not be written (%s); commands look for this server at SIGNALBOX_PORT.", folder / ADDRESS, error.strerror)


def told_address(folder: Path) -> str:
    """Where the last one said it listens, perhaps long ago; empty when nobody did."""
    try:
        text = (folder / ADDRESS).read_bytes()[:LONGEST].decode("ascii", "replace").strip()
    except OSError:
        return ""
    return text if text.startswith("http://") and is_secret(text) else ""


def forget_address(folder: Path) -> None:
    with contextlib.suppress(OSError):
        (folder / ADDRESS).unlink()
