"""The hall, open for one test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.engine.commands.hall import Hall


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    async with Hall() as hall:
        yield hall
