"""Learning the second opinion's weights from our own sentences: logistic heads, made small. Run by ``make opinion``; needs scikit-learn.

PYTHONPATH=.parse-peers python -m benchmarks.opinion_training [FILE]
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from intents.opinion import features
from intents.opinion.phrases import corpus
from intents.opinion.phrases.composing import Composed
from intents.opinion.tokens import Token, tokens_of
from intents.opinion.weights import FILE, Head, stored

SEEN = Path(__file__).resolve().parents[1] / "tests/intents/requests"


def run(file: Path = FILE, *, seen: bool = True) -> None:
    made = list(corpus.workflows())
    heads = {
        "command": learnt(*_commands(made, seen), bits=16, strength=30.0),
        "places": learnt(*_places(made[:7000]), bits=15, strength=10.0),
        "event": learnt(*_events(made), bits=14, strength=30.0),
        "action": learnt(*_actions(made), bits=14, strength=30.0),
    }
    data = stored(heads, corpus.fingerprint())
    file.write_bytes(data)
    print(f"{file.name}: {len(data):,} bytes, {', '.join(f'{name} {len(head.labels)}' for name, head in heads.items())}")


def learnt(rows: Sequence[features.Features], labels: Sequence[str], *, bits: int, strength: float, warmth: float = 1.0) -> Head:
    """A multinomial logistic regression over hashed features of length 1, with its weights in single bytes."""
    import numpy
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    mask = (1 << bits) - 1
    ends = numpy.cumsum([0, *(len(row) for row in rows)])
    columns = numpy.fromiter((feature & mask for row in rows for feature in row), dtype=numpy.int32)
    values = numpy.repeat([1 / max(len(row), 1) ** 0.5 for row in rows], numpy.diff(ends))
    model = LogisticRegression(C=strength, max_iter=150, tol=1e-4)
    model.fit(csr_matrix((values, columns, ends), shape=(len(rows), 1 << bits)), list(labels))
    weights: Any = model.coef_
    top = float(numpy.quantile(numpy.abs(weights[numpy.abs(weights) > 1e-6]), 0.99999))
    small = numpy.clip(numpy.round(weights.T / top * 127), -127, 127).astype(numpy.int8)
    flat = array("b")
    flat.frombytes(numpy.ascontiguousarray(small).tobytes())
    return Head(tuple(str(name) for name in model.classes_), bits, top / 127, warmth, tuple(float(b) for b in model.intercept_), flat)


def _commands(made: Sequence[Composed], seen: bool) -> tuple[list[features.Features], list[str]]:
    pairs = [(sentence.text, sentence.command) for sentence in corpus.commands()]
    pairs += [(" ".join(words for _, words, _ in one.pieces), "create_workflow") for one in made[:6000]]
    for file in sorted(SEEN.glob("[ab]_seen.jsonl")) if seen else ():
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        pairs += [(row["text"], row["gold"]["command"] or corpus.NONE) for row in rows for _ in range(4)]
    return [features.sentence(tokens_of(text)) for text, _ in pairs], [label for _, label in pairs]


def _tokens(one: Composed) -> list[tuple[Token, str]]:
    """Each word with the part it belongs to; a deed's words after its first are marked ``a``."""
    return [(token, "a" if part == "A" and at else part) for part, words, _ in one.pieces for at, token in enumerate(tokens_of(words))]


def _places(made: Sequence[Composed]) -> tuple[list[features.Features], list[str]]:
    rows, labels = [], []
    for one in made:
        marked = _tokens(one)
        rows += features.places([token for token, _ in marked])
        labels += [label for _, label in marked]
    return rows, labels


def _spans(made: Sequence[Composed], kind: str) -> tuple[list[features.Features], list[str]]:
    rows, labels = [], []
    for one in made:
        split = [tokens_of(words) for _, words, _ in one.pieces]
        whole = [token for words in split for token in words]
        at = 0
        for (part, _, id), words in zip(one.pieces, split, strict=True):
            if part == kind:
                rows.append(features.part(whole, at, at + len(words)))
                labels.append(id)
            at += len(words)
    return rows, labels


def _events(made: Sequence[Composed]) -> tuple[list[features.Features], list[str]]:
    return _spans(made, "T")


def _actions(made: Sequence[Composed]) -> tuple[list[features.Features], list[str]]:
    return _spans(made, "A")


if __name__ == "__main__":
    run(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE)
