"""A workflow is made, changed, changed again and put back by talking; what was spoken of outlives the process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.doors import DOORS, Door, containing, house_with, see

PREVIEW = "every weekday at 9 post the health report in #ops"


async def stored(door: Door) -> None:
    await door.say(PREVIEW)
    await see(door, containing("09:00", button="Confirm"), what="the first preview")
    await door.say("yes but at 10")
    await see(door, containing("- Start: every weekday at 09:00", "+ Start: every weekday at 10:00", button="Confirm"), what="the change")
    await door.say("also tell #sales")
    preview = await see(door, containing("+ Step 3", "#sales", button="Confirm"), what="the second change")
    await door.press(preview, "Confirm", user="ana")
    await see(door, containing("confirmed", "#sales", no_button="Confirm"), what="the stored workflow")


async def changed(door: Door) -> None:
    await door.say("stop telling #sales")
    change = await see(door, containing("- Step 3", "#sales", button="Confirm"), what="the difference")
    await door.press(change, "Confirm", user="ana")
    await see(door, containing("change of", "confirmed", no_button="Confirm"), what="version 2")


async def put_back(app, door: Door) -> None:  # type: ignore[no-untyped-def]
    await door.say("undo")
    back = await see(door, containing("back to version 1", "#sales", button="Confirm"), what="the way back")
    await door.press(back, "Confirm", user="ana")
    await see(door, containing("back to version 1", "confirmed", no_button="Confirm"), what="version 3")
    (workflow,) = await app.house.store.workflows.list()
    assert workflow.version == 3
    assert [step.arguments.get("channel") for step in workflow.definition.steps[1:]] == ["#ops", "#sales"]


@pytest.mark.parametrize("name", DOORS)
async def test_a_workflow_is_shaped_changed_and_put_back_by_talking(name: str, tmp_path: Path) -> None:
    async with house_with(name, tmp_path) as (app, door):
        await stored(door)
        await changed(door)
        await put_back(app, door)


async def test_what_was_spoken_of_is_known_to_the_next_process(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path) as (_, door):
        await stored(door)
        await changed(door)
        await door.say("add a step that posts to #ops at the end")
        await see(door, containing("+ Step 3", "#ops", button="Confirm"), what="a second post")
        await door.say("use #dev")
        await see(door, containing("Which of the 2"), private="ana", what="the question")
    async with house_with("rest", tmp_path) as (_, door):
        await door.say("the second one")
        await see(door, containing("+ Step 3", "#dev", button="Confirm"), what="the answer after the restart")
