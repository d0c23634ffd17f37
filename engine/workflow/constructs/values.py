"""``set``: values worked out and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Rejected
from engine.workflow.definition import SetValues
from engine.workflow.expression import render

if TYPE_CHECKING:
    from engine.workflow.outline import Place
    from engine.workflow.sheet import Sheet


def open_up(sheet: Sheet, place: Place, suffix: str) -> None:
    assert isinstance(place.step.does, SetValues)
    scope = sheet.scope(place, suffix)
    try:
        output = {name: render(value, scope) for name, value in place.step.does.values.items()}
    except Rejected as error:
        sheet.fail_with(place, suffix, str(error))
        return
    sheet.succeed_with(place, suffix, output)
