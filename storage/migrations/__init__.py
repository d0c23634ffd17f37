"""The way of the schema from one version of Signalbox to the next, walked when the database is opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from engine.errors import Rejected

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent
HEAD = "0008"  # the newest file in versions/; a test holds it to that
OURS = frozenset({"workflows", "runs", "facts"})  # tables every Signalbox has had from its first revision on


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
    if recognise(connection, place) == HEAD:
        return
    # Only an old or empty database pays for loading Alembic.
    from alembic import command

    config = settings()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def recognise(connection: Connection, place: str) -> str | None:
    """The revision the database stands at, None for an empty one. Raises Rejected as ``migrate`` does; changes nothing."""
    stands_at = _version(connection, place)
    if stands_at in (None, HEAD):
        return stands_at
    from alembic.script import ScriptDirectory

    if stands_at not in {script.revision for script in ScriptDirectory.from_config(settings()).walk_revisions()}:
        raise Rejected(
            f"{place} was written by a newer Signalbox (schema {stands_at}, this one knows up to {HEAD}). "
            "Update Signalbox, or put back the backup made before the update."
        )
    return stands_at


def _version(connection: Connection, place: str) -> str | None:
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    if not tables & OURS:
        raise Rejected(f"{place} holds tables of something else ({min(tables)}). Give Signalbox a database of its own.")
    if lost := {*OURS, "alembic_version"} - tables:
        raise Rejected(
            f"{place} is damaged: it lacks the table {min(lost)}. Put a backup in its place, or move it away to start with an empty one."
        )
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version
