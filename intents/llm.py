"""A language model as the last rung: any OpenAI-compatible endpoint, asked for one JSON object, believed only after our own checks.

    json_schema → forced tool call → json_object with the schema → plain text, JSON extracted     (the first that works is remembered per address)

It only fills what the grammar left open, never replaces what was understood, and whatever it says that changes something is
confirmed by a person. Nothing here raises; no answer, a slow answer and a wrong answer all leave the grammar's reading as it is.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.ports import Said, Understood
from engine.workflow.catalogue import Catalogue
from engine.workflow.complete import complete
from engine.workflow.parse import parse_definition
from intents.merging import Reading, merged

if TYPE_CHECKING:
    import openai
    from openai import AsyncOpenAI

log = logging.getLogger(__name__)

MODES = ("json_schema", "tool", "json_object", "plain")
REST = timedelta(seconds=60)  # after a failure the model is left alone for this long
_REFUSALS = frozenset({400, 404, 405, 415, 422, 500, 501})  # this way of asking is not supported: try the next
_TOOL = "understood"
_BRIEF: Mapping[str, Any] = {"max_tokens": 1200}
_SECRET = re.compile(
    r"\b(?:xox[abeprs]-[\w-]{8,}|gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|sk-[\w-]{16,}|sk_(?:live"
    r"|test)_\w{8,}|AKIA[0-9A-Z]{16}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,})\b|(?i:\bbearer\s+[\w.~+/-]{16,})"
)
_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "create_workflow": ("workflow",), "edit_workflow": ("workflow", "change"), "run_workflow": ("workflow", "inputs"), "pause_workflow": ("workflow", "until"),
    "resume_workflow": ("workflow",), "delete_workflow": ("workflow",), "show_workflow": ("workflow",), "list_workflows": ("service", "state"),
    "run_history": ("workflow", "window", "outcome"), "retry_run": ("workflow", "run"), "cancel_run": ("workflow", "run"), "health_report": ("service", "window"),
    "service_metrics": ("service", "metric", "window"), "list_alerts": ("service", "severity", "state"), "acknowledge_alert": ("alert", "service", "severity", "note"),
    "resolve_alert": ("alert", "service", "severity", "note"), "escalate_alert": ("alert", "service", "severity", "note"),
    "explain_alert": ("alert", "service", "severity"), "snooze_alert": ("alert", "service", "severity", "until"), "set_maintenance": ("service", "start", "until"),
    "show_impact": ("service", "workflow"), "show_dependencies": ("service", "workflow"), "find_root_cause": ("service",),
    "recommend_service": ("category", "service"), "set_fallback": ("service", "fallback"), "predict_run": ("workflow", "at"), "optimize_workflow": ("workflow",),
    "workflow_analytics": ("workflow", "window"), "set_threshold": ("service", "metric", "severity", "value"), "show_schedule": ("window",), "on_call": (),
    "help": ("topic",),
}  # fmt: skip


class _Refused(Exception):
    """This mode is not supported by the endpoint; some say so by a fault of their own, which then looks like a ``passing`` one."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.passing = status >= 500


class LanguageModel:
    """``timeout`` bounds one whole improvement in seconds. One instance per endpoint; the working mode is remembered."""

    def __init__(self, catalogue: Catalogue, *, api_key: str, model: str, base_url: str = "", timeout: float = 12.0) -> None:
        self._catalogue, self._model, self._timeout = catalogue, model, timeout
        self._key, self._base_url = api_key, base_url
        self._client: AsyncOpenAI | None = None
        self._mode = 0
        self._resting_until: datetime | None = None
        self._schema = _schema(catalogue)
        self._system = _system_prompt(catalogue)

    @property
    def mode(self) -> str:
        """The way of asking that worked last."""
        return MODES[self._mode]

    async def improve(self, said: Said, best: Understood) -> Understood | None:
        """A reading at least as complete as ``best``, or None. Never raises."""
        if self._resting_until is not None and said.now < self._resting_until:
            return None
        try:
            async with asyncio.timeout(self._timeout):
                reading = await self._read(said)
        except TimeoutError:
            log.warning("the language model did not answer within %s s; it is left alone for a minute", self._timeout)
            reading = None
        if reading is None:
            self._resting_until = said.now + REST
            return None
        return merged(reading, best, said, self._catalogue)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    # --- asking --------------------------------------------------------------------------------------------------------------

    async def _read(self, said: Said) -> Reading | None:
        import openai

        messages = self._messages(said)
        while self._mode < len(MODES):
            try:
                reading = await self._twice(MODES[self._mode], messages)
            except _Refused as refusal:
                log.info("the model's endpoint does not take %s (%s)", MODES[self._mode], refusal)
                reading = None
            except openai.OpenAIError as error:
                log.warning("the language model failed: %s", type(error).__name__)
                return None
            if reading is not None:
                return reading
            self._mode += 1
        self._mode = 0  # nothing worked: after a rest, begin at the top again
        return None

    async def _twice(self, mode: str, messages: list[dict[str, Any]]) -> Reading | None:
        """Ask, check, and give it one chance to repair what the check found."""
        text = await self._call(mode, messages, self._schema)
        checked = check(text, self._catalogue)
        if isinstance(checked, Reading):
            return checked
        repair = [
            {"role": "assistant", "content": text[:4000]},
            {"role": "user", "content": f"That does not fit: {checked} Answer again with one JSON object."},
        ]
        checked = check(await self._call(mode, [*messages, *repair], self._schema), self._catalogue)
        return checked if isinstance(checked, Reading) else None

    async def say(self, messages: list[dict[str, Any]], schema: Mapping[str, Any], *, key: str) -> str:
        """One answer, asked for in a way the endpoint takes; the caller bounds the time. Raises Rejected, Transient or Unanswered."""
        import openai

        more = {"max_tokens": 4000, "timeout": 600.0, "extra_headers": {"Idempotency-Key": key}}
        refused: _Refused | None = None
        try:
            for mode in MODES[self._mode :]:
                try:
                    return await self._call(mode, messages, schema, more)
                except _Refused as refusal:
                    log.info("the model's endpoint does not take %s (%s)", mode, refusal)
                    refused = refusal
        except openai.OpenAIError as error:
            raise _in_our_words(error) from error
        if refused is not None and refused.passing:
            raise Transient("The language model's endpoint failed. It is asked again.")
        raise Rejected(
            f"The language model's endpoint takes no way of asking for JSON ({refused}). Check OPENAI_BASE_URL and OPENAI_MODEL."
        )

    async def _call(self, mode: str, messages: list[dict[str, Any]], schema: Mapping[str, Any], more: Mapping[str, Any] = _BRIEF) -> str:
        import openai

        extra: dict[str, Any] = {**_extra(mode, schema), **more}
        try:
            answer = await self._connected().chat.completions.create(model=self._model, messages=messages, temperature=0, **extra)  # type: ignore[arg-type]
        except openai.APIStatusError as error:
            if error.status_code in _REFUSALS:
                raise _Refused(error.status_code) from error
            raise
        choice = answer.choices[0].message if answer.choices else None
        calls = getattr(choice, "tool_calls", None) or []
        if calls:
            return str(calls[0].function.arguments or "")
        return str(getattr(choice, "content", "") or "")

    def _connected(self) -> AsyncOpenAI:
        if self._client is None:
            from openai import AsyncOpenAI

            self._client = AsyncOpenAI(api_key=self._key or "none", base_url=self._base_url or None, timeout=self._timeout, max_retries=0)
        return self._client

    def _messages(self, said: Said) -> list[dict[str, Any]]:
        data = {
            "request": redacted(said.text),
            "now": said.now.isoformat(timespec="seconds"),
            "timezone": said.timezone or "UTC",
            "workflows": [redacted(name) for name in list(said.workflows)[:40]],
        }
        shown = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")  # no text can close the tag
        return [{"role": "system", "content": self._system}, {"role": "user", "content": f"<data>{shown}</data>"}]


def _extra(mode: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    if mode == "json_schema":
        return {"response_format": {"type": "json_schema", "json_schema": {"name": _TOOL, "strict": False, "schema": schema}}}
    if mode == "tool":
        function = {"name": _TOOL, "description": "What the request means.", "parameters": schema}
        return {"tools": [{"type": "function", "function": function}], "tool_choice": {"type": "function", "function": {"name": _TOOL}}}
    if mode == "json_object":
        # Not through the typed parameter: "schema" beside json_object is llama.cpp's own, and ignored by others.
        return {"extra_body": {"response_format": {"type": "json_object", "schema": schema}}}
    return {}


def _in_our_words(error: openai.OpenAIError) -> SignalboxError:
    import openai

    if isinstance(error, openai.RateLimitError):
        said = str(error.response.headers.get("retry-after") or "")
        return Transient("The language model asks for a pause.", float(said) if said.isdigit() else None)
    if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError)):
        return Rejected("The language model refused the key. Check OPENAI_API_KEY and OPENAI_BASE_URL.")
    if isinstance(error, openai.APITimeoutError):
        return Unanswered("The language model gave no answer in time.")
    return Transient(f"The language model cannot be reached ({type(error).__name__}).")


def redacted(text: str) -> str:
    """Without what looks like a credential."""
    return _SECRET.sub("[secret]", text)


# --- checking ---------------------------------------------------------------------------------------------------------------------


def check(text: str, catalogue: Catalogue) -> Reading | str:
    """The model's answer as a Reading, or a sentence saying what does not fit."""
    found = extract(text)
    if found is None:
        return "there is no JSON object in it."
    command = found.get("command")
    arguments = found.get("arguments")
    if command is None:
        return Reading(None, {}, 0.5)
    if command not in _COMMANDS:
        return f"there is no command “{str(command)[:60]}”."
    if not isinstance(arguments, dict):
        return "“arguments” must be an object."
    stray = sorted(key for key in arguments if key not in _COMMANDS[command])
    if stray:
        return f"{command} takes no “{stray[0]}”; it takes {', '.join(_COMMANDS[command]) or 'nothing'}."
    given = {key: value for key, value in arguments.items() if value not in (None, "", [], {})}
    problem = _workflow_problem(given, catalogue) if command == "create_workflow" else _values_problem(command, given, catalogue)
    if problem:
        return problem
    sure = found.get("confidence")
    return Reading(command, given, max(0.0, min(1.0, float(sure))) if isinstance(sure, (int, float)) else 0.5)


def extract(text: str) -> dict[str, Any] | None:
    """The first JSON object in ``text``, fenced or amid prose; None when there is none or it is cut off."""
    for start in [match.start() for match in re.finditer(r"\{", text)][:20]:
        try:
            found, _ = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and "command" in found:
            return found
    return None


def _workflow_problem(arguments: Mapping[str, Any], catalogue: Catalogue) -> str:
    workflow = arguments.get("workflow")
    if not isinstance(workflow, dict):
        return "“workflow” must be an object with trigger and steps."
    try:
        parse_definition(complete({"name": "draft", **workflow}, catalogue), catalogue)
    except (SignalboxError, TypeError, ValueError, KeyError, AttributeError) as error:
        return str(error)[:600]
    return ""


def _values_problem(command: str, arguments: Mapping[str, Any], catalogue: Catalogue) -> str:
    for key in ("service", "fallback"):
        if key in arguments and arguments[key] not in catalogue.services:
            return f"“{str(arguments[key])[:60]}” is no service id; use one of {', '.join(catalogue.services)}."
    for key in ("until", "start", "at"):
        if key in arguments and not _is_time(arguments[key]):
            return f"“{key}” must be an ISO 8601 time with offset."
    scalar = [key for key, value in arguments.items() if not isinstance(value, (str, int, float, bool)) and key not in ("inputs", "change")]
    return f"“{scalar[0]}” must be a single value." if scalar else ""


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(str(value)).tzinfo is not None
    except ValueError:
        return False


# --- what it is told --------------------------------------------------------------------------------------------------------------------


def _schema(catalogue: Catalogue) -> dict[str, Any]:
    trigger = {
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": ["scheduled", "event_based", "cross_service", "ai_predicted", "manual"]},
            "service": {"type": "string", "enum": sorted(catalogue.services)},
            **{key: {"type": "string"} for key in ("event", "cron", "rrule", "at", "timezone", "within", "metric", "horizon")},
            **{key: {"type": "array", "items": {"type": "string", "enum": sorted(catalogue.events)}} for key in ("all", "any", "sequence")},
        },
        "required": ["type"],
    }
    step = {
        "type": "object",
        "properties": {"action": {"type": "string", "enum": sorted(catalogue.actions)}, "with": {"type": "object"}},
        "required": ["action"],
    }
    workflow = {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "trigger": trigger,
            "when": {"type": "string"},
            "steps": {"type": "array", "items": step},
            "options": {"type": "object"},
        },
        "required": ["steps"],
    }
    return {
        "type": "object",
        "properties": {
            "command": {"enum": [*_COMMANDS, None]},
            "arguments": {"type": "object", "properties": {"workflow": {"anyOf": [{"type": "string"}, workflow]}}},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        },
        "required": ["command", "arguments"],
    }


def _system_prompt(catalogue: Catalogue) -> str:
    commands = "\n".join(f"{name}: {', '.join(arguments) or '-'}" for name, arguments in _COMMANDS.items())
    text = (Path(__file__).parent / "prompts" / "understand.md").read_text(encoding="utf-8")
    return text.replace("{commands}", commands).replace("{catalogue}", _catalogue_lines(catalogue))


def _catalogue_lines(catalogue: Catalogue) -> str:
    lines = []
    for service in catalogue.services.values():
        actions = "; ".join(f"{action.operation}({', '.join(field.name for field in action.inputs)})" for action in service.actions)
        lines.append(f"{service.id}: {actions} | events: {', '.join(event.event for event in service.events) or '-'}")
    return "\n".join(lines)
