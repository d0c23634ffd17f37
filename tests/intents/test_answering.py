"""A model answers a step with a value of the wanted shape, or the step hears why not. The client is the real one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from engine.errors import Rejected, Transient
from intents.answering import AnsweringModel
from intents.llm import LanguageModel
from tests.intents.model_fake import Body, ModelFake, always, serving
from tests.intents.words import catalogue

MOOD: dict[str, Any] = {
    "type": "object",
    "properties": {"mood": {"enum": ["good", "bad"]}, "score": {"type": "integer"}},
    "required": ["mood"],
    "additionalProperties": False,
}


@asynccontextmanager
async def answering(reply: Callable[[Body], tuple[int, str]]) -> AsyncIterator[tuple[AnsweringModel, ModelFake]]:
    async with serving(ModelFake(reply)) as fake:
        model = LanguageModel(catalogue(), api_key="k", model="m", base_url=fake.url)
        try:
            yield AnsweringModel(model), fake
        finally:
            await model.close()


async def test_a_value_of_the_wanted_shape_is_the_answer() -> None:
    async with answering(always({"mood": "good", "score": 3})) as (model, fake):
        assert await model.ask("How are they?", MOOD, key="run_1:m") == {"mood": "good", "score": 3}
        assert fake.requests[0]["messages"][1]["content"] == "How are they?"
        assert fake.requests[0]["response_format"]["json_schema"]["schema"] == MOOD


@pytest.mark.parametrize("mode", ["json_schema", "tool", "json_object", "plain"])
async def test_it_is_asked_in_a_way_the_endpoint_takes(mode: str) -> None:
    async with answering(always({"mood": "bad"}, only=mode)) as (model, _):
        assert await model.ask("?", MOOD, key="k") == {"mood": "bad"}


@pytest.mark.parametrize(
    ("schema", "value"), [({"type": "string"}, "yes"), ({"type": "array", "items": {"type": "integer"}}, [1, 2]), ({}, 4)]
)
async def test_a_value_that_is_no_object_travels_in_one(schema: dict[str, Any], value: Any) -> None:
    async with answering(always({"answer": value})) as (model, _):
        assert await model.ask("?", schema, key="k") == value


async def test_an_answer_that_does_not_fit_is_repaired_once() -> None:
    async with answering(lambda body: (200, json.dumps({"mood": "good" if len(body["messages"]) > 2 else "so-so"}))) as (model, fake):
        assert await model.ask("?", MOOD, key="k") == {"mood": "good"}
        assert "'so-so' is not one of" in fake.requests[1]["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("said", "why"), [("I cannot say.", "no JSON value"), ('{"mood": "good", "x": 1}', "'x' was unexpected"), ('{"mo', "no JSON")]
)
async def test_what_does_not_fit_after_the_repair_is_refused_with_the_reason(said: str, why: str) -> None:
    async with answering(always(said)) as (model, fake):
        with pytest.raises(Rejected, match=why):
            await model.ask("?", MOOD, key="k")
        assert len(fake.requests) == 2


async def test_json_amid_prose_is_found() -> None:
    async with answering(always('Sure:\n```json\n{"mood": "good"}\n```')) as (model, _):
        assert await model.ask("?", MOOD, key="k") == {"mood": "good"}


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [(503, Transient, "reached"), (500, Transient, "failed"), (429, Transient, "pause"), (401, Rejected, "key")],
)
async def test_a_failing_endpoint_is_said_in_our_words(status: int, kind: type[Exception], words: str) -> None:
    async with answering(lambda body: (status, "no")) as (model, _):
        with pytest.raises(kind, match=words):
            await model.ask("?", MOOD, key="k")


async def test_an_endpoint_that_takes_no_way_of_asking_is_named() -> None:
    async with answering(lambda body: (404, "no such model")) as (model, _):
        with pytest.raises(Rejected, match="OPENAI_MODEL"):
            await model.ask("?", MOOD, key="k")


async def test_a_schema_that_is_none_is_refused_before_anybody_is_asked() -> None:
    async with answering(always({})) as (model, fake):
        with pytest.raises(Rejected, match="no JSON Schema"):
            await model.ask("?", {"type": "nothing"}, key="k")
        assert fake.requests == []


async def test_a_reference_out_of_the_schema_fetches_nothing() -> None:
    async with answering(always({"a": 1})) as (model, _):
        with pytest.raises(Rejected, match="not in it"):
            await model.ask("?", {"type": "object", "$ref": "http://127.0.0.1:9/schema.json"}, key="k")


async def test_what_looks_like_a_credential_is_not_sent() -> None:
    async with answering(always({"mood": "good"})) as (model, fake):
        await model.ask("Sum up: token ghp_abcdefghijklmnop1234 was found", MOOD, key="k")
        assert "ghp_" not in json.dumps(fake.requests)
