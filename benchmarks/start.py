"""How fast Signalbox is ready, and how much memory it holds at rest, beside a bare FastAPI app on the same machine in the same run.

Ready = /readyz (the peer: its only route) answers 200, counted from the start of the process. Memory = resident set two seconds later.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROUNDS = 5
PEER = """
import sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.get("/readyz")
def ready(): return {"ready": True}
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def measure(command: list[str], port: int, environ: dict[str, str]) -> tuple[float, float]:
    """Seconds until ready and MB at rest. Raises RuntimeError when it is not ready within 30 s."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - begun < 30:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
                    if answer.status == 200:
                        ready = time.perf_counter() - begun
                        time.sleep(2)
                        return ready, resident_mb(process.pid)
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                pass
            time.sleep(0.005)
        raise RuntimeError("not ready within 30 s")
    finally:
        process.terminate()
        process.wait(15)


def resident_mb(pid: int) -> float:
    """Of the process and its children."""
    import psutil

    process = psutil.Process(pid)
    return sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6


def import_seconds() -> float:
    done = subprocess.run(
        [sys.executable, "-c", "import time; t=time.perf_counter(); import main; print(time.perf_counter()-t)"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout)


def run(as_json: bool = False) -> bool:
    """Print the figures; True when it is ready within 2 s and holds less than 150 MB."""
    ours: list[tuple[float, float]] = []
    peers: list[tuple[float, float]] = []
    first = 0.0
    with tempfile.TemporaryDirectory() as data:
        for round_ in range(ROUNDS + 1):
            port = free_port()
            environ = {**os.environ, "SIGNALBOX_DATA": data, "SIGNALBOX_PORT": str(port)}
            figures = measure([sys.executable, "main.py", "serve"], port, environ)
            if round_ == 0:
                first = figures[0]  # makes the database and the caches
                continue
            ours.append(figures)
            port = free_port()
            peers.append(measure([sys.executable, "-c", PEER, str(port)], port, dict(os.environ)))
    result = {
        "import_s": statistics.median(import_seconds() for _ in range(3)),
        "first_ready_s": first,
        "ready_s": statistics.median(ready for ready, _ in ours),
        "rest_mb": statistics.median(mb for _, mb in ours),
        "peer_ready_s": statistics.median(ready for ready, _ in peers),
        "peer_rest_mb": statistics.median(mb for _, mb in peers),
        "ready_ratio": statistics.median(a[0] / b[0] for a, b in zip(ours, peers, strict=True)),
        "memory_ratio": statistics.median(a[1] / b[1] for a, b in zip(ours, peers, strict=True)),
    }
    if as_json:
        print(json.dumps(result, indent=2))
    else:
        print(f"start  import {result['import_s']:.2f} s · ready {result['ready_s']:.2f} s (first time {first:.2f} s) · {result['rest_mb']:.0f} MB at rest")
        print(f"       bare FastAPI app: ready {result['peer_ready_s']:.2f} s · {result['peer_rest_mb']:.0f} MB")
        print(f"       ratio to it: {result['ready_ratio']:.1f}x time · {result['memory_ratio']:.1f}x memory (median of {ROUNDS} pairs)")
    return result["ready_s"] < 2 and result["rest_mb"] < 150
