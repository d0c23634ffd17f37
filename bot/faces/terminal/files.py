"""Definitions in files: found and taken apart into documents, and written one file each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from engine.errors import Rejected

DOCUMENT = re.compile(r"(?m)^---[ \t]*(?:#.*)?$")


def documents(paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(place, text) of every YAML document in files and folders; a text begins where it does in its file, so that lines keep their
    numbers. Raises Rejected for what cannot be read or holds nothing."""
    for name in paths:
        path = Path(name)
        files = sorted((*path.glob("*.yml"), *path.glob("*.yaml"))) if name and path.is_dir() else [path]
        if not files:
            raise Rejected(f"{path} holds no .yml or .yaml file.")
        for file in files:
            yield from documents_of(file, name)


def documents_of(file: Path, name: str) -> Iterator[tuple[str, str]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Rejected(f"{file} is not UTF-8 text (byte {error.start + 1}). Save it as UTF-8.") from error
    except (OSError, ValueError) as error:
        raise Rejected(f"{file if name else 'A path without a name'} cannot be read ({getattr(error, 'strerror', None) or error}). Name a YAML file or a folder of them.") from error
    parts, line = [], 0
    for part in DOCUMENT.split(text):
        if any(words and not words.startswith("#") for words in map(str.strip, part.splitlines())):
            parts.append("\n" * line + part)
        line += part.count("\n")
    if not parts:
        raise Rejected(f"{file} holds no definition.")
    for number, part in enumerate(parts, 1):
        yield (f"{file}" if len(parts) == 1 else f"{file}, document {number}"), part


def named_files(named: Sequence[tuple[str, str]]) -> dict[str, str]:
    """File name → text, of (name, text); names that look the same as file names are numbered."""
    files: dict[str, str] = {}
    for name, text in named:
        stem, number = file_name(name), 1
        while (file := f"{stem}.yml" if number == 1 else f"{stem}-{number}.yml") in files:
            number += 1
        files[file] = text
    return files


def write_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Raises Rejected when the folder cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except FileExistsError as error:
        raise Rejected(f"{folder} is a file. Name a folder, which is made where there is none.") from error
    except OSError as error:
        raise Rejected(f"{folder} cannot be written to ({error.strerror}). Name another folder.") from error


def file_name(name: str) -> str:
    """A name as a file name: letters, digits and dashes, at most 120 bytes."""
    words = "".join(char if char.isalnum() else " " for char in name.casefold()).split()
    return "-".join(words).encode()[:120].decode("utf-8", "ignore").rstrip("-") or "workflow"
