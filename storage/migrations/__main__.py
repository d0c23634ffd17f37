"""Write the next migration from what changed in ``storage.tables``: ``python -m storage.migrations "What changed"``."""

from __future__ import annotations

import sys

from alembic import command
from sqlalchemy import create_engine

from storage.migrations import HEAD, settings


def write(message: str) -> None:
    """Compare a database at the newest revision with the tables, and write the difference as the next revision."""
    with create_engine("sqlite://").connect() as connection:
        config = settings()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        command.revision(config, message, autogenerate=True, rev_id=f"{int(HEAD) + 1:04d}")


if __name__ == "__main__":
    write(sys.argv[1])
