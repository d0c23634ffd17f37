"""The files of the page, read once, served under an address that changes with their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "html": "text/html; charset=utf-8",
}
_PLACE = "{{assets}}"


@dataclass(frozen=True, slots=True)
class Assets:
    """``files``: name → (media type, content)."""

    digest: str
    files: dict[str, tuple[str, bytes]]

    def page(self, name: str) -> str:
        """An HTML page that finds its files."""
        return self.files[name][1].decode("utf-8").replace(_PLACE, f"/web/assets/{self.digest}")


@cache
def assets() -> Assets:
    found: dict[str, tuple[str, bytes]] = {}
    digest = hashlib.sha256()
    for file in sorted(files("bot.faces.web").joinpath("page").iterdir(), key=lambda each: each.name):
        kind = _TYPES.get(file.name.rpartition(".")[2])
        if kind:
            found[file.name] = (kind, file.read_bytes())
            digest.update(file.name.encode() + b"\0" + found[file.name][1])
    return Assets(digest.hexdigest()[:16], found)
