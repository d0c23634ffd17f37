"""A vendor on loopback in a process of its own: answers, keeps its limits exactly, counts, and says 429 to what is too fast.

    python -m benchmarks.vendor '{"windows": [[200, 1.0, ""], [60, 1.0, "write"], [8, 1.0, "channel"]]}'

The first line it writes is its port. A window is (limit, seconds, of what). ``/slow/…`` is answered after 20 ms, ``/tagged/…`` carries an ETag,
``/slow/$batch`` is Graph's. ``/__count`` tells how many requests and 429s there were, and begins anew.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from typing import Any

SLOW = 0.02
ANSWER = json.dumps(
    {
        "id": 1, "node_id": "I_1", "number": 1347, "title": "Found a bug", "state": "open", "html_url": "https://github.com/acme/web/issues/1347",
        "user": {"login": "mia", "id": 1, "type": "User"}, "labels": [{"id": 1, "name": "bug", "color": "f29513"}], "body": "x" * 800, "comments": 0,
        "created_at": "2026-11-23T09:00:00Z", "updated_at": "2026-11-23T09:00:00Z", "total_count": 1, "items": [], "n": 1,
    }
).encode()  # fmt: skip


class Vendor:
    def __init__(self, windows: list[tuple[int, float, str]]) -> None:
        self.windows = windows
        self.used: dict[tuple[int, str], deque[float]] = {}
        self.count = {"requests": 0, "throttled": 0, "parts": 0, "unchanged": 0}

    def too_fast(self, method: str, path: str) -> bool:
        now, due = time.monotonic(), []
        for number, (limit, per, of) in enumerate(self.windows):
            if (of == "write" and method == "GET") or (of == "channel" and "/channels/" not in path):
                continue
            used = self.used.setdefault((number, path if of == "channel" else ""), deque())
            while used and used[0] <= now - per:
                used.popleft()
            if len(used) >= limit:
                return True
            due.append(used)
        for used in due:
            used.append(now)
        return False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                method, path, _ = head.split(" ", 2)
                lower = head.lower()
                length = int(lower.partition("content-length:")[2].partition("\r\n")[0] or 0)
                body = await reader.readexactly(length) if length else b""
                status, headers, content = await self.answer(method, path.partition("?")[0], lower, body)
                lines = [f"HTTP/1.1 {status}", "content-type: application/json", f"content-length: {len(content)}", *headers, "", ""]
                writer.write("\r\n".join(lines).encode() + content)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def answer(self, method: str, path: str, head: str, body: bytes) -> tuple[str, list[str], bytes]:
        if path == "/__count":
            told, self.count = json.dumps(self.count).encode(), dict.fromkeys(self.count, 0)
            return "200 OK", [], told
        self.count["requests"] += 1
        if self.too_fast(method, path):
            self.count["throttled"] += 1
            return "429 Too Many Requests", ["retry-after: 1"], b"{}"
        if path.startswith("/slow/"):
            await asyncio.sleep(SLOW)
        if path.endswith("/$batch"):
            asked: list[Any] = json.loads(body)["requests"]
            self.count["parts"] += len(asked)
            return (
                "200 OK",
                [],
                json.dumps({"responses": [{"id": one["id"], "status": 201, "body": json.loads(ANSWER)} for one in asked]}).encode(),
            )
        if path.startswith("/tagged/") or "/tagged/" in path:
            if 'if-none-match: "1"' in head:
                self.count["unchanged"] += 1
                return "304 Not Modified", ['etag: "1"'], b""
            return "200 OK", ['etag: "1"'], ANSWER
        return "200 OK", [], ANSWER


async def main(said: dict[str, Any]) -> None:
    vendor = Vendor([tuple(one) for one in said.get("windows", [])])
    server = await asyncio.start_server(vendor.serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(main(json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}))
    except KeyboardInterrupt:
        pass
