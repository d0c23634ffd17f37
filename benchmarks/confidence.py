"""Fits the table of intents/calibration.py on the sentences that the grammar was mended by, and shows how honest it is.

    python -m benchmarks.confidence

Read: the seen requests of our own, our list of what is and is not for us, and (where the measuring data is beside) the development gold and a quarter of
the out-of-scope requests. Because the grammar was mended by most of them, each class is drawn towards a prior as if it had PSEUDO sentences more.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from benchmarks.parse import NOW, OWN, beside_file, recogniser, rows
from engine.ports import Said
from intents.calibration import PRIOR, stand

PSEUDO = 20


def sentences() -> Iterator[tuple[Mapping[str, Any], str | None]]:
    """(a request, the command it is; "?" for any command)."""
    for file in sorted(OWN.glob("[ab]_seen.jsonl")):
        yield from ((row, row["gold"]["command"]) for row in rows(file))
    for row in rows(OWN / "scope_seen.jsonl"):
        yield row, "?" if row["for_us"] else None
    if (file := beside_file("data/gold/dev.jsonl")).is_file():
        yield from ((row, row["gold"]["command"]) for row in rows(file))
    if (file := beside_file("data/nl/clinc_oos.jsonl")).is_file():
        yield from ((row, None) for row in rows(file)[::4])


def fitted() -> dict[tuple[str, str, str], tuple[float, int]]:
    """(rung, stand, agreement) → (chance, of how many)."""
    counts: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row, wanted in sentences():
        said = Said(text=row["text"], now=datetime.fromisoformat(row.get("now") or NOW), timezone=row.get("timezone") or "UTC")
        read, evidence = recogniser().evidence(said)
        key = (evidence.rung.value, stand(evidence.weight), evidence.agreement or "")
        counts[key][0] += (read.command is not None) if wanted == "?" else read.command == wanted
        counts[key][1] += 1
    return {key: (round((right + PSEUDO * PRIOR[key[0]]) / (many + PSEUDO), 3), many) for key, (right, many) in sorted(counts.items())}


if __name__ == "__main__":
    for key, (chance, many) in fitted().items():
        sys.stdout.write(f"    {key!r}: {chance},  # {many}\n".replace("'", '"'))
