"""A rig of each kind, open for one test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.runtime.contract.rig import RIGS
from tests.engine.runtime.contract.scene import Scene
from tests.machines.rigs import MANY, SERVED

PARAMS = [
    *(pytest.param(opening, id=name) for name, opening in RIGS.items()),
    *(pytest.param(opening, id=name, marks=pytest.mark.slow) for name, opening in (MANY | SERVED).items()),
]


@pytest.fixture(params=PARAMS)
async def scene(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scene]:
    async with request.param(tmp_path) as rig:
        yield Scene(rig)
