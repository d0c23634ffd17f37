"""``parallel`` and ``switch``: lists of steps side by side, or the one of them whose case holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Rejected
from engine.workflow.constructs.again import begun_in, resume

if TYPE_CHECKING:
    from engine.workflow.definition import Json
    from engine.workflow.outline import Block, Place
    from engine.workflow.sheet import Sheet


def open_parallel(sheet: Sheet, place: Place, suffix: str) -> None:
    sheet.run_on(place, suffix)
    blocks = [sheet.outline.blocks[id] for id in place.blocks]
    for block in blocks:
        sheet.begin(block, suffix)
    if not any(block.places for block in blocks):
        _end_parallel(sheet, place, suffix)


def close_parallel(sheet: Sheet, block: Block, suffix: str) -> None:
    place = sheet.outline.places[block.parent]
    if not any(id + suffix in sheet.active for id in place.blocks):
        _end_parallel(sheet, place, suffix)


def _end_parallel(sheet: Sheet, place: Place, suffix: str) -> None:
    blocks = [sheet.outline.blocks[id] for id in place.blocks]
    output: Json = {block.branch: sheet.output_of(block, suffix) for block in blocks}
    why = [error for block in blocks if (error := sheet.failure_in(block, suffix))]
    if why:
        sheet.fail_with(place, suffix, "; ".join(why), output)
    else:
        sheet.succeed_with(place, suffix, output)


def open_switch(sheet: Sheet, place: Place, suffix: str) -> None:
    scope = sheet.scope(place, suffix)
    try:
        chosen = next((number for number, case in enumerate(place.program) if case.holds(scope)), -1)
    except Rejected as error:
        sheet.fail_with(place, suffix, str(error))
        return
    block = sheet.outline.blocks[f"{place.id}.{chosen}"]
    sheet.run_on(place, suffix)
    sheet.begin(block, suffix)
    if not block.places:
        close_switch(sheet, block, suffix)


def close_switch(sheet: Sheet, block: Block, suffix: str) -> None:
    place = sheet.outline.places[block.parent]
    output: Json = {"case": int(block.branch), "output": sheet.output_of(block, suffix)}
    if why := sheet.failure_in(block, suffix):
        sheet.fail_with(place, suffix, why, output)
    else:
        sheet.succeed_with(place, suffix, output)


def reopen(sheet: Sheet, place: Place, suffix: str) -> None:
    """Go on with whatever within it has anything left to do."""
    sheet.run_on(place, suffix)
    for block, within in list(begun_in(sheet, place, suffix)):
        resume(sheet, block, within)
