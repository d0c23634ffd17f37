"""A sentence from which readers cut what they understood, leaving the rest in place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

BLANK = "\ue3ff"  # stands where something was cut; a private-use character that normalised text never holds


@dataclass(slots=True)
class Tape:
    """``text`` keeps its length, so that positions stay valid; ``spans`` are the cuts made."""

    text: str
    spans: list[tuple[int, int]] = field(default_factory=list)

    def cut(self, start: int, end: int) -> str:
        taken = self.text[start:end]
        self.text = self.text[:start] + BLANK * (end - start) + self.text[end:]
        self.spans.append((start, end))
        return taken

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Cut the first match."""
        match = pattern.search(self.text)
        if match is not None and match.end() > match.start():
            self.cut(match.start(), match.end())
            return match
        return None

    def hide(self, pattern: re.Pattern[str]) -> None:
        """Blank every match so that later readers do not see it, without claiming it."""
        self.text = pattern.sub(lambda match: BLANK * len(match[0]), self.text)

    def rest(self, original: str) -> str:
        """``original`` without what was cut; what was only hidden stays."""
        return without(original, self.spans)


_JOINERS = re.compile(r"[\s,]*(?:\b(?:on|at|from|starting|the|and|of)\b[\s,]*)*", re.IGNORECASE)


def without(text: str, spans: list[tuple[int, int]]) -> str:
    """``text`` with each span replaced by one BLANK (so that clause borders stay visible)."""
    out: list[str] = []
    end = -1
    for start, stop in sorted(spans):
        between = text[max(end, 0) : start]
        if end < 0 or (start >= end and not _JOINERS.fullmatch(between)):
            out += [between, BLANK]
        end = max(end, stop)
    end = max(end, 0)
    out.append(text[end:])
    return "".join(out)
