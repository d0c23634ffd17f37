"""The drawing process: reads drawings and charts from standard input, writes pictures to standard output, ends when its input does.

ask     1 byte (0 JSON drawing, 1 pickled chart, 2 JSON drawing for a page), 4 bytes length, the drawing or the chart
answer  1 byte (0 picture, 1 reason), 4 bytes length, PNG (JSON for a page) or UTF-8 sentence
"""

from __future__ import annotations

import json
import pickle
import struct
import sys
from typing import BinaryIO

from bot.pictures.charts import chart_png
from bot.pictures.draw import page, png

HEAD = struct.Struct(">I")
DRAWING, CHART, PAGE = b"\x00", b"\x01", b"\x02"
PICTURE, REASON = b"\x00", b"\x01"


def serve(asks: BinaryIO, answers: BinaryIO) -> None:
    while len(head := asks.read(1 + HEAD.size)) == 1 + HEAD.size:
        kind, body = _answer(head[:1], asks.read(HEAD.unpack(head[1:])[0]))
        answers.write(kind + HEAD.pack(len(body)) + body)
        answers.flush()


def _answer(kind: bytes, ask: bytes) -> tuple[bytes, bytes]:
    """One bad drawing must not end the process that draws the good ones, whatever library it was that refused it."""
    try:
        if kind == CHART:
            return PICTURE, chart_png(pickle.loads(ask))  # noqa: S301 - nobody but the process that started this one holds the pipe
        if kind == PAGE:
            return PICTURE, json.dumps(page(json.loads(ask)), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        return PICTURE, png(json.loads(ask))
    except Exception as error:  # noqa: BLE001 - told to whoever asked, as a reason
        return REASON, f"{type(error).__name__}: {error}"[:500].encode("utf-8", "replace")


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
