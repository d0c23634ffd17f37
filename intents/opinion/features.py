"""What of a sentence is counted: words, neighbours, and the letters inside words, each as a number (a hash), so that no dictionary is kept."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from itertools import pairwise

from intents.opinion.tokens import Token, services_of

Features = list[int]  # hashes, each once; the weight of each is 1 over the root of how many there are
_STARTERS = frozenset(
    [
        "when",
        "whenever",
        "if",
        "once",
        "after",
        "upon",
        "while",
        "as",
        "every",
        "each",
        "on",
        "because",
        "since",
        "before",
        "until",
        "wenn",
        "sobald",
        "falls",
        "cuando",
        "quando",
        "quand",
        "si",
        "lorsque",
    ]
)
_MARKS = _STARTERS | {",", "then", "and", "_arrow", ":", ".", ";", "+", "or", "but", "unless", "also", "with", "in", "to", "by"}


def hashed(names: Iterable[str], bits: int = 16) -> Features:
    mask = (1 << bits) - 1
    return sorted({zlib.crc32(name.encode("utf-8", "replace")) & mask for name in names})


def sentence(tokens: Sequence[Token]) -> Features:
    """Of a whole sentence: what is asked?"""
    words = [token.word for token in tokens if token.word != "."]
    names = [*_grams(words), *(f"first {word}" for word in words[:1]), f"start {' '.join(words[:2])}", f"start {' '.join(words[:3])}"]
    names += [f"last {word}" for word in words[-1:]]
    services = services_of(list(tokens))
    names += [f"services {min(len(services), 3)}", f"long {min(len(words) // 4, 6)}"]
    names += [f"far {a} {c}" for a, _, c in zip(words, words[1:], words[2:], strict=False)]
    for word in words:
        names += _letters(word)
    return hashed(names)


def part(tokens: Sequence[Token], start: int, end: int) -> Features:
    """Of one part of a sentence (an event, a deed): which one? Services named in it count more than those named elsewhere."""
    inside = tokens[start:end]
    words = [token.word for token in inside]
    services = services_of(list(inside))
    around = services_of([*tokens[:start], *tokens[end:]])
    names = [*_grams(words), f"first {words[0]}" if words else "none"]
    for word in dict.fromkeys(words):
        names += _letters(word)
        names += [f"{service} & {word}" for service in services]
    names += [f"in {service}" for service in services for _ in (0,)] + [f"in2 {service}" for service in services]
    names += [f"named {len(services)}"]
    if not services:
        names += [f"near {service}" for service in around] + [f"near {service} & {word}" for service in around for word in words]
    return hashed(names)


def places(tokens: Sequence[Token]) -> list[Features]:
    """Of each word in its place: what part of the sentence does it belong to?"""
    words = [token.word for token in tokens]
    padded = ["^", "^", "^", *words, "$", "$", "$"]
    marks = [word if word in _MARKS else "" for word in words]
    out: list[Features] = []
    before: list[str] = []
    started = arrows = 0
    later_start = sum(word in _STARTERS for word in words)
    later_arrow = words.count("_arrow")
    for i, word in enumerate(words):
        near = padded[i : i + 7]
        names = [f"{offset} {other}" for offset, other in enumerate(near)]
        names += [
            f"23 {near[2]} {near[3]}",
            f"34 {near[3]} {near[4]}",
            f"12 {near[1]} {near[2]}",
            f"45 {near[4]} {near[5]}",
            f"24 {near[2]} {near[4]}",
        ]
        names += [f"head {word[:4]}", f"tail {word[-3:]}", f"after {' '.join(before[-1:])}", f"after2 {' '.join(before[-2:])}"]
        names += [
            f"after {' '.join(before[-1:])} & {word}",
            f"begun {started > 0} {later_start - started > 0} {arrows > 0} {later_arrow - arrows > 0}",
        ]
        names += [
            f"begun {started > 0} {later_start - started > 0} & {word}",
            f"opens {words[0]}",
            f"i {min(i, 3)}",
            f"opens {words[0]} & {before[-1:]}",
        ]
        names += [f"arrow {arrows} & {' '.join(before[-1:])}"]
        out.append(hashed(names))
        if marks[i]:
            before.append(word)
            started += word in _STARTERS
            arrows += word == "_arrow"
    return out


def _grams(words: Sequence[str]) -> list[str]:
    return [*(f"w {word}" for word in words), *(f"ww {a} {b}" for a, b in pairwise(words)),
            *(f"www {a} {b} {c}" for a, b, c in zip(words, words[1:], words[2:], strict=False))]  # fmt: skip


def _letters(word: str) -> list[str]:
    if len(word) < 4 or word.startswith("_"):
        return []
    held = f"<{word}>"
    return [f"l {held[i : i + size]}" for size in (3, 4) for i in range(len(held) - size + 1)]
