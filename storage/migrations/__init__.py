"""The way of the schema from one version of Signalbox to the next, walked when the database is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from engine.errors import Rejected

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent
HEAD = "0001"  # the newest file in versions/; a test holds it to that


def settings() -> Config:
    """Alembic's configuration without a file, so that an installed package has it too."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(connection: Connection, place: str) -> None:
    """Bring the database to ``HEAD`` inside the connection's transaction.

    Raises Rejected for a database of a newer Signalbox, or of something else altogether.
    """
    stands_at = _version(connection, place)
    if stands_at == HEAD:
        return
    # Only an old or empty database pays for loading Alembic.
    from alembic import command
    from alembic.script import ScriptDirectory

    config = settings()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if stands_at is not None and stands_at not in known:
        raise Rejected(
            f"{place} was written by a newer Signalbox (schema {stands_at}, this one knows up to {HEAD}). "
            "Update Signalbox, or put back the backup made before the update."
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _version(connection: Connection, place: str) -> str | None:
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return version
    if tables:
        raise Rejected(f"{place} holds tables of something else ({tables[0]}). Give Signalbox a database of its own.")
    return None
