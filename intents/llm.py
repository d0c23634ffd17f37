"""A language model as the last rung: any OpenAI-compatible endpoint, asked for one JSON object, believed only after our own checks.

    turned on here? ─▶ tokens left today? ─▶ redacted ─▶ cached? ─▶ ladder of ways of asking ─▶ checked ─▶ (one repair) ─▶ merged

It only fills what the grammar left open, never replaces what was understood, and whatever it says that changes something is
confirmed by a person. Nothing here raises; no answer, a slow answer and a wrong answer all leave the grammar's reading as it is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator

from engine.errors import Rejected, SignalboxError, Transient
from engine.ports import Said, Understood
from engine.resilience.spending import PER_DAY, WORKFLOWS, ModelFacts
from engine.workflow.catalogue import Catalogue
from intents.merging import Reading, merged
from intents.model import prompting
from intents.model.book import Book, MemoryBook, Meter, Spent
from intents.model.cache import Cache, key_of
from intents.model.checking import check, shaped
from intents.model.endpoint import Endpoint
from intents.model.ladder import Ladder, Question
from intents.model.redaction import Redactor, hides

log = logging.getLogger(__name__)

REST = timedelta(seconds=60)  # after a failure the model is left alone for this long
LONG_REST = timedelta(minutes=10)  # after one that a person must mend
LONGEST_REST = timedelta(days=1)
ANSWER = 1200  # tokens of one reading at most
REPAIRED = 2400  # of its repair, as the first may have been cut off


class LanguageModel:
    """``timeout`` bounds one whole improvement in seconds. One instance per endpoint; ``per_day`` is for showing, the book keeps the limits.

    ``rests``: it is left alone for a while after a failure; not so where the clock of what is said stands still.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        api_key: str,
        model: str,
        base_url: str = "",
        timeout: float = 12.0,
        book: Book | None = None,
        per_day: int = PER_DAY,
        rests: bool = True,
    ) -> None:
        self._catalogue, self._timeout, self._per_day = catalogue, timeout, per_day
        self._book: Book = book or MemoryBook(per_day=per_day)
        self._endpoint = Endpoint(api_key=api_key, model=model, base_url=base_url, timeout=timeout)
        self._ladder = Ladder(self._endpoint, self._book)
        self._cache = Cache()
        self._rests = rests
        self._resting_until: datetime | None = None
        self._trouble = ""
        self._schema = prompting.schema(catalogue)
        self._validator = Draft202012Validator(self._schema)
        self._system = prompting.system_prompt(catalogue)

    @property
    def mode(self) -> str:
        """The way of asking that works; "" where none is known yet."""
        return self._ladder.mode

    async def facts(self) -> ModelFacts:
        """For people."""
        await self._ladder.recall()
        host = urlsplit(self._endpoint.base_url).hostname or "api.openai.com"
        return ModelFacts(
            host=host, model=self._endpoint.model, per_day=self._per_day, mode=self.mode, hits=self._cache.hits, misses=self._cache.misses,
            trouble=self._trouble,
        )  # fmt: skip

    async def improve(self, said: Said, best: Understood) -> Understood | None:
        """A reading at least as complete as ``best``, or None. Never raises. What was merely overheard is not sent anywhere."""
        if not said.direct or (self._resting_until is not None and said.now < self._resting_until):
            return None
        workspace = workspace_of(said.where)
        try:
            async with asyncio.timeout(self._timeout):
                if not (await self._book.leave(workspace)).on:
                    return None
                reading = await self._read(said, workspace)
        except Spent as refusal:
            self._trouble = str(refusal)
            return replace(best, reply=f"I did not understand that.\n{refusal}") if best.command is None and not best.question else None
        except TimeoutError:
            self._rest(said.now, f"no answer within {self._timeout:g} s", REST)
            return None
        except Transient as error:
            pause = REST if error.retry_after is None else timedelta(seconds=min(error.retry_after, LONGEST_REST.total_seconds()))
            self._rest(said.now, str(error), pause)
            return None
        except Exception as error:  # noqa: BLE001 - whatever a server or its client does, the grammar's reading stands
            told = str(error) if isinstance(error, SignalboxError) else f"it failed unexpectedly ({type(error).__name__})"
            self._rest(said.now, told, LONG_REST if isinstance(error, Rejected) else REST)
            return None
        return None if reading is None else merged(reading, best, said, self._catalogue)

    async def say(self, messages: list[dict[str, Any]], schema: Mapping[str, Any], *, key: str, workspace: str = WORKFLOWS) -> str:
        """One answer, asked for in a way the endpoint takes; the caller bounds the time. Raises Rejected, Transient or Unanswered.

        Turned off, or beyond the tokens of the day, it is Rejected with a sentence that says so.
        """
        leave = await self._book.leave(workspace)
        if not leave.on:
            raise Rejected(f"The language model is turned off for {workspace}. An admin turns it on: /signalbox model on {workspace}")
        more = {"max_tokens": 4000, "timeout": 600.0, "extra_headers": {"Idempotency-Key": key}}
        question = Question(messages, schema, bool, more)
        return (await self._ladder.ask(question, Meter(self._book, workspace))).text

    async def close(self) -> None:
        await self._endpoint.close()

    # --- asking --------------------------------------------------------------------------------------------------------------

    async def _read(self, said: Said, workspace: str) -> Reading | None:
        redactor = Redactor()
        data = prompting.shown(said, redactor)
        key = key_of(workspace, data, said.now)
        reading = self._cache.get(key, said.now)
        if reading is None:
            reading = await self._asked(data, Meter(self._book, workspace))
            if reading is None:
                return None
            self._cache.put(key, reading, said.now)
            self._trouble = ""
        if hides(reading.arguments):
            return None  # the answer names what was taken out: nothing can be put there
        return replace(reading, arguments=redactor.restore(reading.arguments))

    async def _asked(self, data: Mapping[str, Any], meter: Meter) -> Reading | None:
        """Ask, check, and give it one chance to repair what the check found."""
        fits = partial(shaped, validator=self._validator)
        question = Question(prompting.messages(self._system, data), self._schema, fits, {"max_tokens": ANSWER})
        spoken = await self._ladder.ask(question, meter)
        if spoken.declined:
            self._trouble = "The model declined to answer the last request."
            return None
        checked = check(spoken.text, self._catalogue)
        if isinstance(checked, Reading):
            return checked
        messages = [
            *question.messages,
            {"role": "assistant", "content": spoken.text[:4000]},
            {"role": "user", "content": f"That does not fit: {checked} Answer again with one JSON object."},
        ]
        spoken = await self._ladder.repair(replace(question, messages=messages, more={"max_tokens": REPAIRED}), meter)
        checked = check(spoken.text, self._catalogue)
        if isinstance(checked, Reading):
            return checked
        self._trouble = f"The model's last answer did not fit: {checked}"
        if not fits(spoken.text):
            raise Transient(self._trouble)
        return None

    def _rest(self, now: datetime, why: str, pause: timedelta) -> None:
        self._trouble = why
        if not self._rests:
            log.warning("the language model: %s", why)
            return
        self._resting_until = now + pause
        log.warning("the language model is left alone for %d s: %s", pause.total_seconds(), why)


def workspace_of(where: str) -> str:
    """The face of an address; "" where words came from nowhere, as in ``parse``."""
    return where.partition(":")[0] if ":" in where else ""
