"""The constructs that ask nobody: how each is opened, closed when everything within it is over, and taken up again by a retry.

A construct is worked out anew from what is recorded, never recorded itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from engine.workflow.constructs import branches, foreach, values

if TYPE_CHECKING:
    from engine.workflow.outline import Block, Place
    from engine.workflow.sheet import Sheet

Opener: TypeAlias = "Callable[[Sheet, Place, str], None]"
Closer: TypeAlias = "Callable[[Sheet, Block, str], None]"

OPEN_UP: Mapping[str, Opener] = {
    "foreach": foreach.open_up,
    "parallel": branches.open_parallel,
    "switch": branches.open_switch,
    "set": values.open_up,
}

CLOSE: Mapping[str, Closer] = {
    "foreach": foreach.close,
    "parallel": branches.close_parallel,
    "switch": branches.close_switch,
}

REOPEN: Mapping[str, Opener] = {
    "foreach": foreach.reopen,
    "parallel": branches.reopen,
    "switch": branches.reopen,
}
