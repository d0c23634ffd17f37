"""The one door to the ``openai`` package: one question to an OpenAI-compatible endpoint, its answer as text, its failures in the house's words.

400 naming “stream”, “temperature” or “max_tokens” → asked the same way once more, as the server wants it
400 404 405 415 422 500 501, no JSON, no choices    → NotTaken: this way of asking does not work here
401 403                                             → Rejected         429, 502 …, no connection → Transient        too slow → Unanswered
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from intents.model.book import tokens_in

if TYPE_CHECKING:
    from datetime import datetime

    import openai
    from openai import AsyncOpenAI

MODES = ("json_schema", "tool", "json_object", "plain")
TOOL = "understood"
LONGEST = 64_000  # characters of an answer that are read
_NOT_TAKEN = frozenset({400, 404, 405, 409, 415, 422, 500, 501})


@dataclass(frozen=True, slots=True)
class Way:
    """How a question is put. ``streamed``: the server answers in pieces only. ``bare``: no temperature. ``completion``: max_completion_tokens."""

    mode: str
    streamed: bool = False
    bare: bool = False
    completion: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """``tokens`` as the server says, or estimated. ``cut``: it ended at the limit. ``declined``: the model will not answer this."""

    text: str
    tokens: int
    cut: bool = False
    declined: bool = False


class NotTaken(Exception):
    """The endpoint does not answer to this way of asking; some say so by a fault of their own, which then looks like a ``passing`` one."""

    def __init__(self, status: int, why: str = "") -> None:
        super().__init__(f"HTTP {status}" if status != 200 else why)
        self.passing = status >= 500
        self.why = why


class Endpoint:
    """``timeout`` in seconds, for one question. The client is made at the first question; it does not retry by itself."""

    def __init__(self, *, api_key: str, model: str, base_url: str, timeout: float) -> None:
        self.model, self.base_url = model, base_url
        self._key, self._timeout = api_key, timeout
        self._client: AsyncOpenAI | None = None

    async def ask(self, way: Way, messages: list[dict[str, Any]], schema: Mapping[str, Any], more: Mapping[str, Any]) -> tuple[Way, Spoken]:
        """The way that worked, and the answer. ``more``: max_tokens, timeout, extra_headers. Raises NotTaken and the hall's errors."""
        for _ in range(4):
            try:
                return way, await self._asked(way, messages, schema, more)
            except NotTaken as refusal:
                other = _as_wanted(way, refusal.why)
                if other is None:
                    raise
                way = other
        raise NotTaken(400, "the endpoint wants every question to be put otherwise")

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _asked(self, way: Way, messages: list[dict[str, Any]], schema: Mapping[str, Any], more: Mapping[str, Any]) -> Spoken:
        import openai

        asked = _asking(way, schema, more)
        try:
            answer = await self._connected().chat.completions.create(model=self.model, messages=messages, **asked)  # type: ignore[arg-type]
            spoken = await _streamed(answer) if way.streamed else _whole(answer)
        except openai.APIStatusError as error:
            if error.status_code in _NOT_TAKEN:
                raise NotTaken(error.status_code, str(error.message)[:500]) from error
            raise in_our_words(error) from error
        except openai.APIResponseValidationError as error:
            raise NotTaken(200, "the answer is no chat completion") from error
        except openai.OpenAIError as error:
            raise in_our_words(error) from error
        except (ValueError, TypeError, AttributeError) as error:  # a body that is no JSON, or not of the promised shape
            raise NotTaken(200, "the answer is no chat completion") from error
        sent = sum(len(str(message["content"])) for message in messages) + len(json.dumps(schema))
        return replace(spoken, tokens=spoken.tokens or tokens_in(sent + len(spoken.text)))

    def _connected(self) -> AsyncOpenAI:
        if self._client is None:
            from openai import AsyncOpenAI

            self._client = AsyncOpenAI(api_key=self._key or "none", base_url=self.base_url or None, timeout=self._timeout, max_retries=0)
        return self._client


def _asking(way: Way, schema: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    asked: dict[str, Any] = {**_extra(way.mode, schema), **more}
    if not way.bare:
        asked["temperature"] = 0
    if way.completion:
        asked["max_completion_tokens"] = asked.pop("max_tokens")
    if way.streamed:
        asked["stream"] = True
    return asked


def _extra(mode: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    if mode == "json_schema":
        return {"response_format": {"type": "json_schema", "json_schema": {"name": TOOL, "strict": False, "schema": schema}}}
    if mode == "tool":
        function = {"name": TOOL, "description": "What the request means.", "parameters": schema}
        return {"tools": [{"type": "function", "function": function}], "tool_choice": {"type": "function", "function": {"name": TOOL}}}
    if mode == "json_object":
        # Not through the typed parameter: "schema" beside json_object is llama.cpp's own, and ignored by others.
        return {"extra_body": {"response_format": {"type": "json_object", "schema": schema}}}
    return {}


def _as_wanted(way: Way, why: str) -> Way | None:
    """The same way, put as the server's refusal asks for; None where it asks for nothing of that kind."""
    said = why.casefold()
    if "stream" in said and not way.streamed:
        return replace(way, streamed=True)
    if "max_completion_tokens" in said and not way.completion:
        return replace(way, completion=True)
    if "temperature" in said and not way.bare:
        return replace(way, bare=True)
    return None


def _whole(answer: Any) -> Spoken:
    """Raises NotTaken for what is no chat completion. A server that names a wrong content type hands us its text."""
    if isinstance(answer, str):
        if answer.lstrip().startswith("data:"):
            raise NotTaken(200, "the server answers as a stream only")
        from openai.types.chat import ChatCompletion

        answer = ChatCompletion.model_construct(**json.loads(answer))
    body = answer.model_dump(warnings=False)
    choices = body.get("choices")
    if not choices:
        raise NotTaken(200, "the answer holds no choice")
    choice = choices[0]
    message = choice.get("message") or {}
    calls = message.get("tool_calls") or []
    text = str(calls[0]["function"].get("arguments") or "") if calls else str(message.get("content") or "")
    usage = body.get("usage") or {}
    return _spoken(text, usage.get("total_tokens"), choice.get("finish_reason"), message.get("refusal"))


async def _streamed(answer: Any) -> Spoken:
    """The pieces joined; what comes after ``LONGEST`` characters is not waited for."""
    text, called, refusal, end, tokens = "", "", "", None, None
    try:
        async for piece in answer:
            tokens = piece.usage.total_tokens if getattr(piece, "usage", None) else tokens
            for choice in (piece.choices or [])[:1]:
                end = choice.finish_reason or end
                text += choice.delta.content or ""
                refusal += choice.delta.refusal or ""
                called += "".join((call.function.arguments or "") if call.function else "" for call in choice.delta.tool_calls or [])
            if len(text) + len(called) > LONGEST:
                break
    finally:
        await answer.close()
    if not (text or called or refusal or end):
        raise NotTaken(200, "the stream holds no answer")
    return _spoken(called or text, tokens, end, refusal)


def _spoken(text: str, tokens: Any, end: Any, refusal: Any) -> Spoken:
    declined = bool(refusal) or end == "content_filter"
    return Spoken(text[:LONGEST], tokens if isinstance(tokens, int) and tokens > 0 else 0, cut=end == "length", declined=declined)


def in_our_words(error: openai.OpenAIError, now: datetime | None = None) -> SignalboxError:
    import openai

    if isinstance(error, openai.RateLimitError):
        return Transient("The language model asks for a pause.", _pause(error.response.headers))
    if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError)):
        return Rejected("The language model refused the key. Check OPENAI_API_KEY and OPENAI_BASE_URL.")
    if isinstance(error, openai.APITimeoutError):
        return Unanswered("The language model gave no answer in time.")
    if isinstance(error, openai.APIStatusError):
        return Transient(f"The language model's endpoint cannot be reached (HTTP {error.status_code}).", _pause(error.response.headers))
    return Transient(f"The language model cannot be reached ({type(error).__name__}).")


def _pause(headers: Mapping[str, str]) -> float | None:
    """Seconds, or the distance between two moments of the server (RFC 9110, 10.2.3): its own clock is believed for both."""
    said = str(headers.get("retry-after") or "").strip()
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(said) - parsedate_to_datetime(str(headers.get("date") or ""))).total_seconds())
    except (ValueError, TypeError):
        return None
