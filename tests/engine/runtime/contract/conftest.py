"""A rig of each kind, open for one test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.runtime.contract.rig import RIGS
from tests.engine.runtime.contract.scene import Scene


@pytest.fixture(params=[pytest.param(opening, id=name) for name, opening in RIGS.items()])
async def scene(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scene]:
    async with request.param(tmp_path) as rig:
        yield Scene(rig)
