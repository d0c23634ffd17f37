"""Discord's payloads, read without Discord."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.faces.discord import commands, read
from tests.peers.discord import judge


def test_the_registered_commands_are_what_discord_takes():
    assert judge.faults("/applications/{application_id}/commands", "put", commands.payload()) == []
    assert all(len(json.dumps(command)) < 8000 for command in commands.payload())


def test_what_discord_adds_to_a_command_is_no_difference_and_what_it_lacks_is():
    ours = commands.payload()
    theirs = [command | {"id": "1", "version": "2", "nsfw": False, "default_permission": True} for command in json.loads(json.dumps(ours))]
    assert commands.registered(ours, theirs)
    theirs[0]["options"][3]["options"][0].pop("autocomplete")
    assert not commands.registered(ours, theirs)
    assert not commands.registered(ours, [])
    assert not commands.registered(ours, [*ours, {"name": "old"}])


def test_options_come_in_the_order_of_the_words_however_they_were_filled_in():
    filled = [{"type": 3, "name": "inputs", "value": "env=prod"}, {"type": 3, "name": "workflow", "value": "release"}]
    data = {"name": "flow", "options": [{"type": 1, "name": "run", "options": filled}]}
    assert read.sentence(data).text == "/flow run release env=prod"


def test_a_command_of_another_version_is_still_words():
    data = {"name": "flow", "options": [{"type": 1, "name": "teleport", "options": [{"type": 3, "name": "to", "value": "mars"}]}]}
    assert read.sentence(data).text == "/flow teleport mars"


def test_our_own_mention_is_taken_away_and_others_stay():
    assert read.spoken("<@1> tell <@2> in <#3>", 1) == "tell <@2> in <#3>"
    assert read.spoken("<@!1>, <@1>: health", 1) == "health"
    assert read.spoken("health <@1>", 1) == "health"
    assert read.spoken("<@1>", 1) == "help"


def test_a_mention_keeps_its_lines():
    assert read.spoken("<@1> /flow import\nname: x\nsteps: []", 1) == "/flow import\nname: x\nsteps: []"


def test_only_what_fits_into_the_option_is_offered():
    typing = read.Typing("/flow run rel", "/flow run ")
    offered = [
        ("/flow run release", "on merge"),
        ("/flow list", ""),
        ("/FLOW RUN Release Notes", ""),
        ("/flow run " + "x" * 101, ""),
        ("/flow run release", "twice"),
    ]
    assert read.choices(typing, offered) == [("release — on merge", "release"), ("Release Notes", "Release Notes")]
    assert len(read.choices(typing, [(f"/flow run {n}", "") for n in range(40)])) == 25


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)
options = st.recursive(
    st.fixed_dictionaries({"type": st.sampled_from([3, 4, 11]), "name": st.text(max_size=10), "value": json_values}),
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from([1, 2]), "name": st.text(max_size=10), "options": st.lists(inner, max_size=3)}
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries({"name": st.text(max_size=12) | st.just("flow"), "options": st.lists(options, max_size=4)}))
def test_no_command_can_make_reading_fail(data: dict[str, object]):
    assert read.sentence(data).text.startswith("/")
    assert read.typing(data).words.startswith(read.typing(data).before)
