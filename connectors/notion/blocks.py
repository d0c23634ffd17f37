"""Texts as Notion's blocks: a little Markdown, line by line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engine.errors import Invalid, Problem

LONGEST_RUN = 2000  # characters of one run of text
MOST_BLOCKS = 100  # of one request
_LINES = (
    (re.compile(r"### +(.*)"), "heading_3"),
    (re.compile(r"## +(.*)"), "heading_2"),
    (re.compile(r"# +(.*)"), "heading_1"),
    (re.compile(r"[-*] \[( |x|X)\] +(.*)"), "to_do"),
    (re.compile(r"[-*•] +(.*)"), "bulleted_list_item"),
    (re.compile(r"\d{1,3}[.)] +(.*)"), "numbered_list_item"),
    (re.compile(r"> ?(.*)"), "quote"),
)
_LINK = re.compile(r"https?://[^\s<>()]+[^\s<>().,;:!?]")
_FENCE = re.compile(r"```\s*([\w+#-]*)\s*")
LANGUAGES = frozenset(
    {"bash", "c", "css", "diff", "docker", "go", "graphql", "html", "java", "javascript", "json", "kotlin", "makefile", "markdown", "php"}
    | {"python", "ruby", "rust", "shell", "sql", "swift", "typescript", "xml", "yaml"}
)


def runs(text: str) -> list[dict[str, Any]]:
    """A text as runs that are short enough, with its addresses as links."""
    found, at = [], 0
    for match in _LINK.finditer(text):
        found += [*_plain(text[at : match.start()]), *_linked(match[0])]
        at = match.end()
    return [*found, *_plain(text[at:])]


def _plain(text: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": {"content": text[i : i + LONGEST_RUN]}} for i in range(0, len(text), LONGEST_RUN)]


def _linked(url: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": {"content": url, "link": {"url": url}}}] if len(url) <= LONGEST_RUN else _plain(url)


def blocks(text: str) -> list[dict[str, Any]]:
    """Raises Invalid for more than one request holds."""
    found = list(_blocks(text.replace("\r\n", "\n").split("\n")))
    if len(found) > MOST_BLOCKS:
        raise Invalid(
            "The text is too long for Notion:",
            [Problem(f"it has {len(found)} paragraphs, at most {MOST_BLOCKS} are taken at once.", ("text",))],
        )
    return found


def _blocks(lines: list[str]) -> Iterator[dict[str, Any]]:
    """A paragraph ends at an empty line, or where something else begins; its own line ends stay."""
    paragraph: list[str] = []
    code: list[str] | None = None
    language = ""
    for line in lines:
        fence = _FENCE.fullmatch(line.strip())
        if code is not None:
            if fence:
                yield _code(code, language)
                code = None
            else:
                code.append(line)
            continue
        special = _special(line.strip())
        if (fence or special or not line.strip()) and paragraph:
            yield _block("paragraph", "\n".join(paragraph))
            paragraph = []
        if fence:
            code, language = [], fence[1].lower()
        elif special:
            yield special
        elif line.strip():
            paragraph.append(line.rstrip())
    if code is not None:
        yield _code(code, language)
    if paragraph:
        yield _block("paragraph", "\n".join(paragraph))


def _special(line: str) -> dict[str, Any] | None:
    if re.fullmatch(r"(?:-{3,}|\*{3,}|_{3,})", line):
        return {"type": "divider", "divider": {}}
    for pattern, kind in _LINES:
        if match := pattern.fullmatch(line):
            block = _block(kind, match[match.lastindex or 1])
            if kind == "to_do":
                block["to_do"]["checked"] = match[1] in "xX"
            return block
    return None


def _block(kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, kind: {"rich_text": runs(text)}}


def _code(lines: list[str], language: str) -> dict[str, Any]:
    named = language if language in LANGUAGES else "plain text"
    return {"type": "code", "code": {"rich_text": _plain("\n".join(lines)), "language": named}}
