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
_MODULES = "{{modules}}"  # told to the browser at once, so that it need not find one module by reading the other
_ALONE = frozenset({"theme.js", "login.js", "app.js"})  # loaded by name where they are needed
_GRAPH = "graph"  # begins the names of what only the page of the graph loads


@dataclass(frozen=True, slots=True)
class Assets:
    """``files``: name → (media type, content)."""

    digest: str
    files: dict[str, tuple[str, bytes]]

    def page(self, name: str) -> str:
        """An HTML page that finds its files."""
        modules = [file for file in self.files if file.endswith(".js") and file not in _ALONE and not file.startswith(_GRAPH)]
        links = "\n".join(f'<link rel="modulepreload" href="{_PLACE}/{file}">' for file in modules)
        return self.files[name][1].decode("utf-8").replace(_MODULES, links).replace(_PLACE, f"/web/assets/{self.digest}")


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
