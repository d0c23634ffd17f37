"""Words → a command, by the ladder: exact form, grammar, language model where one is configured, one precise question.

    clean ─▶ slash form? ─▶ answer to our question? ─▶ command readers ─▶ workflow reader ─▶ (model) ─▶ not for us

Each rung answers or hands on; nothing here raises on any text, and nothing here acts.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from engine.ports import Said, Understood
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Json
from intents.advice_forms import read_advice
from intents.analytics_forms import read_said_analytics
from intents.attaching import attached
from intents.calibration import Evidence, Rung, calibrated
from intents.calibration import said as said_so
from intents.caution import cautious, forbidden_abroad, left_alone
from intents.completion import complete
from intents.dialogue import Dropped, Resumed, chosen, hear_answer, remember_command, remember_text
from intents.draft import Reading, read_workflow
from intents.explaining import command_parts, workflow_parts
from intents.following import EDIT_SLOT, follow_up
from intents.for_us import READS, weigh
from intents.grammar.alerts import read_alert, read_alert_list
from intents.grammar.bare_names import with_bare_names
from intents.grammar.clauses import sentences
from intents.grammar.conditions import iter_fields
from intents.grammar.context import plainer
from intents.grammar.evidence import read_evidence
from intents.grammar.flows import read_delete, read_edit, read_list, read_pause, read_resume, read_run, read_show
from intents.grammar.house import read_help, read_house
from intents.grammar.monitor import (
    read_dependencies,
    read_fallback,
    read_health,
    read_impact,
    read_maintenance,
    read_on_call,
    read_recommendation,
    read_root_cause,
    read_shift,
    read_threshold,
)
from intents.grammar.orders import read_whole_order
from intents.grammar.pointers import read_pointing
from intents.grammar.product_reads import asked_plainly
from intents.grammar.request import Answer, Request, without_politeness
from intents.grammar.runs import read_cancel, read_history, read_optimize, read_predict, read_retry, read_schedule_list
from intents.grammar.source import Source
from intents.grammar.steering import read_steering
from intents.grammar.talk import is_hypothetical, is_injection, smalltalk_reply
from intents.grammar.told import read_told
from intents.languages.heard import as_heard
from intents.languages.rewriting import in_english
from intents.lexicon import Lexicon
from intents.map_forms import IMPORTING, read_map, with_file
from intents.nearest import nearest
from intents.opinion.view import Agreement, agrees
from intents.pointing import pointed_at
from intents.rehearsal_forms import read_rehearsal
from intents.restrictions import condition_question, idle_condition, instead_question, said_instead, without_condition
from intents.seconding import Seconder, seconded
from intents.slash import Spoken, Unknown, is_slash, read_slash
from intents.teaching import expanded, read_teaching
from intents.text import LIMIT, clean, read_utterance, unaddressed
from intents.unconnected import equivalents, unconnected
from intents.unconnected import question as without_connector
from intents.unused import unused, unused_question
from intents.vague import ASK_UNTIL, open_time, opened, without_vague

log = logging.getLogger(__name__)

_PARTS = re.compile(
    r"\s*[,.;!?–—]+(?:\s+|$)|\s+-\s+|\s+(?=(?:because|since|cause|cuz|as\s+it|so\s+that|it'?s|its\s+\w+ing|they'?re|that'?s|there'?s)\b)",
    re.IGNORECASE,
)

IMPORT_LIMIT = 200_000  # characters of pasted definitions
SPOKEN = 2_000  # characters of a request beside what it quotes: 300 words; the readers' work grows with the square of it
NO_IDEA = 0.9  # how sure we are that what no rung understood is not for us
SURELY = 0.8  # below this a command by weight of evidence needs words that speak for us, too
WEIGHTY = 0.75  # from here on the weight of evidence for a command goes before a workflow
UNSURE = 0.6  # below this a reading is offered only when nothing better comes

READERS: tuple[Callable[[Request], Answer | None], ...] = (
    read_pointing, read_teaching, read_advice, read_rehearsal, read_fallback, read_impact, read_threshold, read_maintenance, read_shift, read_on_call, read_house, read_predict, read_optimize, read_recommendation,
    read_alert_list, read_alert, read_root_cause, read_map, read_dependencies, read_steering, read_retry, read_cancel, read_history, read_schedule_list, read_list,
    read_said_analytics, read_delete, read_pause, read_resume, read_edit, read_run, read_health, read_help, read_show,
)  # fmt: skip


class Model(Protocol):
    """A language model as the ladder uses it; ``intents.llm.LanguageModel`` is one."""

    async def improve(self, said: Said, best: Understood) -> Understood | None:
        """A better reading than ``best``, or None. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class _Heard:
    """One reading on its way out."""

    answer: Answer | None
    source: Source
    remember: Mapping[str, Json] | None = None
    reply: str = ""


class Recogniser:
    """Fulfils ``engine.ports.Understanding``. Pure but for the optional model."""

    def __init__(self, catalogue: Catalogue, *, llm: Model | None = None) -> None:
        self._catalogue = catalogue
        self._lexicon = Lexicon(catalogue)
        self._second = Seconder()
        self._llm = llm

    async def understand(self, said: Said) -> Understood:
        """Total: any text yields an answer. A model is asked only where the grammar found nothing or left something open."""
        best = self._attached(self.read(said), said)
        if (
            self._llm is None
            or is_slash(said.text)
            or len(said.text) > LIMIT
            or (best.command is not None and not best.question and best.confidence >= UNSURE)
        ):
            return best
        if best.reply or not clean(said.text) or is_injection(said.text):
            return best
        better = await self._llm.improve(said, best)
        return (
            best if better is None else self._attached(replace(better, places=best.places, remember=better.remember or best.remember), said)
        )

    def _attached(self, understood: Understood, said: Said) -> Understood:
        return understood if said.files is None else attached(with_file(understood, said.files), said.text, said.files, self._catalogue)

    def read(self, said: Said) -> Understood:
        """The deterministic part of the ladder: words that were taught are read as what they mean."""
        meant, phrase = (
            expanded(said.text, said.taught) if said.taught and len(said.text) <= LIMIT and not is_slash(said.text) else ("", "")
        )
        understood = self._read(replace(said, text=meant) if phrase else said)
        if understood.command == "teach_phrase" and not understood.question:
            return self._learnable(said, understood)
        if phrase:
            return replace(understood, parts=((phrase, f"means “{meant}”, as your team taught me"), *understood.parts))
        if understood.command is None and not understood.reply and not understood.question and said.text.strip():
            return replace(understood, nearest=nearest(clean(said.text)[:LIMIT]))
        return understood

    def _learnable(self, said: Said, taught: Understood) -> Understood:
        """Only what is understood itself can be what a phrase means."""
        means = str(taught.arguments.get("means", ""))
        inner = self._read(replace(said, text=means, pending=None))
        if inner.command is not None and inner.command not in ("teach_phrase", "forget_phrase"):
            return taught
        question = f"I do not understand “{means}” myself. What should “{taught.arguments.get('phrase', '')}” mean, in words that I do?"
        return replace(taught, question=question, confidence=0.8)

    def _read(self, said: Said) -> Understood:
        text = clean(said.text)
        if not text:
            return Understood(command=None, confidence=1.0, arguments={})
        if is_slash(text):
            return cautious(self._slash(said, text), said, text)
        if len(text) > LIMIT:
            return _too_long(len(text))
        heard = in_english(text, said.locale, said.workflows)
        if heard.language:
            read = self._read_english(replace(said, text=heard.english), heard.english)
            return left_alone(read) if forbidden_abroad(read, text) else as_heard(cautious(read, said, heard.english), heard)
        return cautious(self._read_english(said, text), said, text)

    def _read_english(self, said: Said, text: str) -> Understood:
        source = self._source(said, text)
        if len(source.text) > SPOKEN:
            return _too_wordy(len(source.text))
        if said.pending and said.pending.get("slot") == EDIT_SLOT:
            meant = chosen(source.plain(source.text), said.pending.get("options"))
            source = self._source(said, clean(meant)) if meant else source
        elif said.pending:
            answered = self._answered(said, source)
            if answered is not None:
                return answered
        fresh, evidence = self._weighed(said, source, text)
        followed = self._followed(said, source, fresh) if said.subject and not is_injection(text) else None
        if followed is None:
            return fresh if fresh.reply else replace(fresh, confidence=calibrated(evidence))
        return replace(followed, places=source.utterance.places)

    def _followed(self, said: Said, source: Source, fresh: Understood) -> Understood | None:
        """By way of what was spoken of here: the newest goes first, and while a question is open “why?” is about that."""
        subject = {**(said.subject or {}), "direct": said.direct, **({"last": ""} if said.pending else {})}
        pointed = pointed_at(subject, source, fresh, lambda words: self._words(said, self._source(said, clean(words)), words, {}))
        if not said.direct or (pointed is not None and subject.get("last") in ("list", "alert")):
            return pointed
        return follow_up(said, source, self._catalogue, fresh) or pointed

    def complete(self, typed: str, workflows: Sequence[str], limit: int = 8) -> list[tuple[str, str]]:
        """See ``engine.ports.Understanding``."""
        return complete(typed, workflows, self._lexicon, limit)

    # --- rungs ---------------------------------------------------------------------------------------------------------------

    def _source(self, said: Said, text: str) -> Source:
        face = said.where.partition(":")[0] if ":" in said.where else ""
        utterance = read_utterance(text, face)
        marked = self._lexicon.mark(self._lexicon.repair(unaddressed(utterance.text)))
        zone = _zone(said.timezone)
        return Source(marked.text, utterance, marked, self._lexicon, said.now, zone, tuple(said.workflows))

    def _slash(self, said: Said, text: str) -> Understood:
        verbatim = said.text.strip()
        importing = verbatim.lower().startswith("/flow import") or IMPORTING.match(verbatim) is not None
        if len(verbatim) > (IMPORT_LIMIT if importing else LIMIT):
            return _too_long(len(verbatim))
        result = read_slash(verbatim if importing else text, lambda words: self._source(said, words))
        if isinstance(result, Spoken):
            source = self._source(said, result.text)
            if len(source.text) > SPOKEN:
                return _too_wordy(len(source.text))
            return self._workflow_words(said, source, result.text) if result.workflow else self._words(said, source, result.text, {})
        if isinstance(result, Unknown):
            return Understood(command=None, confidence=0.95, arguments={}, question=result.question, options=result.options)
        return _from_answer(result, self._source(said, text if not importing else ""))

    def evidence(self, said: Said) -> tuple[Understood, Evidence]:
        """A sentence that stands for itself, as its readers have it, and what its confidence is made of."""
        text = clean(said.text)
        return self._weighed(said, self._source(said, text), text)

    def _weighed(self, said: Said, source: Source, text: str) -> tuple[Understood, Evidence]:
        words, agreement = self._seconded(said, source, text, self._words(said, source, text, {}))
        fresh = self._held(said, source, self._reached(source, text, self._timed(said, source, text, words)), {})
        fresh = _all_used(source, self._one_of_two(said, source, fresh), {})
        rung = Rung.COMMAND if fresh.command is not None else Rung.NOTHING
        rung = Rung.SECOND if fresh.source == "model" else Rung.WORKFLOW if fresh.command == "create_workflow" else rung
        spoken = source.marked.plain(source.text)
        mended = len(set(spoken.casefold().split()) - set(unaddressed(source.utterance.text).casefold().split()))
        evidence = Evidence(
            rung,
            fresh.confidence,
            weigh(source).score,
            asked=bool(fresh.question),
            mended=mended,
            agreement=agreement and agreement.value,
            said=said_so(fresh.command, spoken),
        )
        return fresh, evidence

    def _seconded(self, said: Said, source: Source, text: str, first: Understood) -> tuple[Understood, Agreement | None]:
        """What the second reader makes of it; talk that was answered, and what is aimed at our rules, stays with the first."""
        if first.reply or is_injection(text):
            return first, None

        def read_as(command: str) -> Understood | None:
            if command == "create_workflow":
                reading = read_workflow(source) or read_workflow(self._source(said, f"create a workflow: {text}"))
                return _from_reading(reading, source, text, {}) if reading is not None else None
            answer = read_told(command, Request(without_politeness(source.text), source))
            return _from_answer(answer, source) if answer is not None else None

        view = self._second.view(text, said.examples)
        if view.command != first.command and read_whole_order(source, source.text) is not None:
            return first, None  # every word of it was accounted for
        if not weigh(source).heard(first.command):
            return first, agrees(view, first)
        return seconded(first, view, read_as)

    def _timed(self, said: Said, source: Source, text: str, fresh: Understood) -> Understood:
        """A time that is none yet ("later", "regularly") is asked for; what it belongs to is read without it."""
        if fresh.reply or is_injection(text):
            return fresh
        bare = without_vague(source.utterance.text)
        plain = source.utterance.plain(bare, quoted=True) if bare != source.utterance.text else text
        found = fresh
        if plain != text and fresh.command in (None, "run_workflow"):
            again = self._words(said, self._source(said, plain), plain, {})
            found = again if again.command in ("create_workflow", "run_workflow") and not again.question else fresh
        question = open_time(found, source.text)
        if not question:
            return fresh
        if question == ASK_UNTIL:
            return opened(found, question, remember_command(Answer(found.command or "", found.arguments, slot="until")))
        return opened(found, question, remember_text(plain, {}, "start", ()))

    def _reached(self, source: Source, text: str, fresh: Understood) -> Understood:
        """A workflow that needs a product without a connector is asked about, with the connected ones for the same thing to press."""
        workflow = fresh.arguments.get("workflow") if fresh.command == "create_workflow" else None
        missing = unconnected(source.text, workflow) if isinstance(workflow, Mapping) else None
        if missing is None:
            return fresh
        instead = equivalents(missing, self._catalogue.services)
        words = [name for name, _ in instead]
        return replace(
            fresh,
            question=without_connector(missing, words),
            options=instead,
            confidence=min(fresh.confidence, 0.9),
            remember=remember_text(text, {}, f"instead:{missing.said}", instead),
        )

    def _held(self, said: Said, source: Source, fresh: Understood, answers: Mapping[str, str]) -> Understood:
        """A condition that was not read, or made no difference, is asked about; the answer takes its place."""
        workflow = fresh.arguments.get("workflow") if fresh.command == "create_workflow" else None
        open_slot = (fresh.remember or {}).get("slot")
        if not isinstance(workflow, Mapping) or (fresh.question and open_slot != "condition"):
            return fresh

        def read(words: str) -> Mapping[str, Any] | None:
            again = read_workflow(self._source(said, source.utterance.plain(words, quoted=True)), answers)
            return again.workflow if again is not None else None

        text = source.utterance.text
        idle = str(fresh.question).partition("“")[2].partition("”")[0] if fresh.question else idle_condition(text, workflow, read, _cause_of(fresh, source))
        if not idle:
            return fresh
        found = workflow.get("trigger")
        trigger: Mapping[str, Json] = found if isinstance(found, Mapping) else {}
        event = f"{trigger.get('service', '')}.{trigger.get('event', '')}"
        question = condition_question(
            source.utterance.plain(idle), scheduled=trigger.get("type") == "scheduled", fields=sorted(iter_fields(source, event))[:12]
        )
        kept = source.utterance.plain(without_condition(text, idle), quoted=True)
        return replace(
            fresh, question=question, confidence=min(fresh.confidence, 0.9), remember=remember_text(kept, answers, "condition", ())
        )

    def _one_of_two(self, said: Said, source: Source, fresh: Understood) -> Understood:
        """Two workflows in one message are asked about: only one would be made, and nobody would miss the other."""
        if fresh.question or fresh.command != "create_workflow" or fresh.source != "grammar":
            return fresh
        parts = sentences(source.utterance.text)
        for at in range(1, min(len(parts), 5)):
            halves = [" ".join(part.strip() for part in half) for half in (parts[:at], parts[at:])]
            readings = [read_workflow(self._source(said, source.utterance.plain(half, quoted=True))) for half in halves]
            if _TAKEN_BACK.match(halves[1]):
                continue
            if all(reading is not None and _whole(reading) for reading in readings) and len({f"{r.workflow['trigger']} {r.workflow.get('when')}" for r in readings if r}) == 2:
                labels = [source.utterance.plain(half, quoted=True) for half in halves]
                made: list[Json] = [{"command": "create_workflow", "arguments": {"workflow": reading.workflow}} for reading in readings if reading]
                remember: dict[str, Json] = {"command": "create_workflow", "arguments": {}, "slot": "either", "options": list(labels), "readings": made}
                question = f"These are two workflows, and I make one at a time. Which one first: “{labels[0]}” or “{labels[1]}”?"
                return replace(fresh, question=question, options=tuple((label[:60], label) for label in labels), confidence=min(fresh.confidence, 0.9), remember=remember)
        return fresh

    def _workflow_words(self, said: Said, source: Source, text: str) -> Understood:
        """Behind ``/flow create`` the words describe a workflow, whatever else they may look like."""
        reading = read_workflow(source)
        if reading is not None:
            return _from_reading(reading, source, text, {})
        question = (
            "I could not find what should start it or what should be done. For example “every weekday at 9 post the health report in #ops”."
        )
        return Understood(
            command="create_workflow",
            confidence=0.6,
            arguments={"workflow": {"steps": []}},
            question=question,
            remember=remember_text(text, {}, "all", ()),
        )

    def _answered(self, said: Said, source: Source) -> Understood | None:
        fresh = self._words(replace(said, pending=None), source, said.text, {})
        asked_of = (said.pending or {}).get("command")
        other = bool(asked_of) and fresh.command != asked_of  # "resolve all" is no name of a workflow to be run
        whole = fresh.command is not None and (fresh.question is None or other) and fresh.confidence > 0.8
        reply = hear_answer(said.pending or {}, source, fresh=whole)
        if isinstance(reply, Dropped):
            return Understood(command=None, confidence=0.95, arguments={}, reply="All right, I dropped that.")
        if isinstance(reply, Resumed):
            again = self._source(said, clean(reply.text))
            reading = read_workflow(again, reply.answers)
            if reading is not None and reading.slot and reading.slot == (said.pending or {}).get("slot"):
                return None  # no answer to what was asked: heard as words of their own
            places = {**again.utterance.places, **source.utterance.places}
            if reading is None:
                return None
            resumed = _all_used(again, self._held(said, again, _from_reading(reading, again, reply.text, reply.answers), reply.answers), reply.answers)
            return replace(resumed, places=places)
        return _from_answer(reply, source) if reply is not None else None

    def _words(self, said: Said, source: Source, text: str, answers: Mapping[str, str]) -> Understood:
        reply = smalltalk_reply(source.utterance.text) if not is_slash(text) else None
        if reply is not None or (is_hypothetical(source.utterance.text) and is_injection(text)):
            return Understood(command=None, confidence=0.95, arguments={}, reply=reply or "")
        weight = weigh(source)
        seen = None if answers or "→" in source.text or is_injection(clean(said.text)) else asked_plainly(source, source.text)
        if weight.foreign and seen is None and not is_injection(clean(said.text)):
            return (None if answers else self._behind_talk(said, source, 1.5)) or Understood(command=None, confidence=0.95, arguments={}, places=source.utterance.places)
        ordered = None if is_injection(clean(said.text)) else read_whole_order(source, source.text)
        if ordered is not None and weight.believes(firm=True):
            return _from_reading(Reading({"trigger": {"type": "manual"}, "steps": [ordered]}), source, text, answers)
        if seen is not None:
            return _from_reading(Reading({"trigger": {"type": "manual"}, "steps": [seen]}, sure=0.9), source, text, answers)
        answer = self._command(source)
        guarded = is_injection(clean(said.text))
        if guarded:
            keep = (
                answer is not None
                and bool(answer.question)
                and answer.command in ("delete_workflow", "resolve_alert", "acknowledge_alert", "pause_workflow")
            )
            return _from_answer(answer, source) if keep and answer is not None else Understood(command=None, confidence=0.95, arguments={})
        if answer is not None and answer.sure >= 0.85:
            return _from_answer(answer, source)
        weighed = read_evidence(_request(source))
        if weighed is not None and not weight.believes(firm=weighed.sure >= SURELY and (weighed.command in READS or _identified(weighed))):
            weighed = None
        if weighed is not None and weighed.sure >= WEIGHTY:
            return _from_answer(weighed, source)
        reading = read_workflow(source, answers)
        if reading is not None and not answers and not weight.believes(firm=reading.firm and not reading.question):
            reading = None
        if reading is not None and ((answer or weighed) is None or reading.firm):
            return _from_reading(reading, source, text, answers)
        if weighed is not None and (answer is None or weighed.sure > answer.sure):
            return _from_answer(weighed, source)
        if answer is not None and answer.sure >= 0.5:
            return _from_answer(answer, source)
        part = None if answers else self._behind_talk(said, source, 0.5 if weight.score >= 0 else 1.5)
        part = part or (self._in_parts(said, source) if weight.score >= 0 and not answers else None)
        if part is not None:
            return part
        return Understood(command=None, confidence=NO_IDEA, arguments={}, places=source.utterance.places)

    def _behind_talk(self, said: Said, source: Source, least: float) -> Understood | None:
        """An order behind talk of something else: "The painters are in, so would you pause …". ``least``: what must speak for us in the order alone."""
        for text in plainer(source.utterance.text):
            part = self._source(said, source.utterance.plain(text, quoted=True))
            answer = self._command(part)
            if answer is not None and answer.sure >= 0.85 and weigh(part).score >= least:
                return _from_answer(replace(answer, sure=0.86), part)
        return None

    def _in_parts(self, said: Said, source: Source) -> Understood | None:
        """An order with a reason or a sigh beside it: "cancel the blast run, it's sending everything twice". Only where one part alone is one."""
        pieces = [piece for piece in _PARTS.split(source.utterance.text)[:6] if len(piece.split()) > 1]
        if len(pieces) < 2:
            return None
        found = []
        for piece in pieces:
            part = self._source(said, source.utterance.plain(piece, quoted=True))
            answer = self._command(part)
            if answer is not None and answer.sure >= 0.85 and weigh(part).score >= 0.5:
                found.append((answer, part))
        return _from_answer(replace(found[0][0], sure=0.86), found[0][1]) if len(found) == 1 else None

    def _command(self, source: Source) -> Answer | None:
        request = _request(source)
        if not request.text:
            return None
        found = [answer for reader in READERS if (answer := reader(request)) is not None]
        sure = next((answer for answer in found if answer.sure >= 0.85), None)
        return sure or max(found, key=lambda answer: answer.sure, default=None)


def _whole(reading: Reading) -> bool:
    """A workflow that says for itself what starts it, and what is to be done."""
    trigger = reading.workflow.get("trigger") or {}
    started = bool(trigger.get("event")) if trigger.get("type") == "event_based" else trigger.get("type") in ("scheduled", "cross_service", "ai_predicted")
    return started and not reading.question and bool(reading.workflow.get("steps"))


_TAKEN_BACK = re.compile(r"\W*(?:no|nope|wait|actually|sorry|instead|rather|scratch|I\s+mean|make\s+(?:it|that)|or\s+better)\b", re.IGNORECASE)


def _all_used(source: Source, fresh: Understood, answers: Mapping[str, str]) -> Understood:
    """A name that was said and is nowhere in the workflow is asked about; so is what shall be done otherwise."""
    workflow = fresh.arguments.get("workflow") if fresh.command == "create_workflow" and not fresh.question else None
    if not isinstance(workflow, Mapping):
        return fresh
    instead = source.utterance.plain(said_instead(source.utterance.text), quoted=True)
    words = instead or unused(source, workflow)
    if not words:
        return fresh
    return replace(
        fresh,
        question=instead_question(instead) if instead else unused_question(words),
        options=(("Without it", "without it"),),
        confidence=min(fresh.confidence, 0.9),
        remember=remember_text(source.utterance.plain(source.utterance.text, quoted=True), answers, f"unused:{words}", ()),
    )


def _cause_of(understood: Understood, source: Source) -> str:
    """The words that start the workflow as they stand in the request (quotes masked); "" where it starts by time or by hand."""
    workflow = understood.arguments.get("workflow")
    trigger = workflow.get("trigger") if isinstance(workflow, Mapping) else None
    if not isinstance(trigger, Mapping) or trigger.get("type") != "event_based" or not understood.parts:
        return ""
    said = understood.parts[0][0]
    return next((text for text in (said, said.removeprefix("new ")) if text.casefold() in source.utterance.text.casefold()), "")


# --- on the way out ----------------------------------------------------------------------------------------------------------------


def _identified(answer: Answer) -> bool:
    """Names what only we have: an alert's or run's id, or a workflow by one word with hyphens."""
    workflow = str(answer.arguments.get("workflow") or "")
    return bool({"alert", "run"} & set(answer.arguments)) or bool(re.fullmatch(r"\w[\w.]*(?:[-_][\w.]*\w)+", workflow))


def _request(source: Source) -> Request:
    named = with_bare_names(source, source.text)
    return Request(without_politeness(named.text), named)


def _zone(name: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name).key if name else "UTC"
    except (KeyError, ValueError, OSError):
        return "UTC"


def _too_long(length: int) -> Understood:
    return Understood(
        command=None, confidence=0.95, arguments={},
        question=f"That is {length:,} characters long; I read up to {LIMIT:,}. Say it shorter, or paste definitions behind /flow import.",
    )  # fmt: skip


def _too_wordy(length: int) -> Understood:
    return Understood(
        command=None, confidence=0.95, arguments={},
        question=f"Beside what it quotes that has {length:,} characters; I read up to {SPOKEN:,}. Say it shorter, or put what is to be posted in quotes or ```.",
    )  # fmt: skip


def _from_answer(answer: Answer, source: Source) -> Understood:
    arguments: dict[str, Any] = {key: value for key, value in answer.arguments.items() if value is not None}
    return Understood(
        command=answer.command,
        confidence=min(answer.sure, 0.97),
        arguments=arguments,
        question=answer.question or None,
        options=answer.options if answer.question else (),
        places=source.utterance.places,
        remember=remember_command(answer) if answer.question else None,
        parts=command_parts(
            answer.command,
            arguments,
            source.utterance.plain(source.utterance.text),
            dict(zip(source.marked.services, source.marked.words, strict=False)),
        ),
    )


def _from_reading(reading: Reading, source: Source, text: str, answers: Mapping[str, str]) -> Understood:
    options = _options(reading, source)
    return Understood(
        command="create_workflow",
        confidence=_confidence(reading),
        arguments={"workflow": reading.workflow},
        question=reading.question or None,
        options=options if reading.question else (),
        places=source.utterance.places,
        remember=remember_text(text, answers, reading.slot, options) if reading.question else None,
        parts=workflow_parts(reading.parts, reading.workflow),
    )


def _confidence(reading: Reading) -> float:
    firm = reading.sure if reading.firm else min(reading.sure, 0.8)
    return round(min(firm, 0.97) if not reading.question else min(firm, 0.9), 3)


def _options(reading: Reading, source: Source) -> tuple[tuple[str, str], ...]:
    """One-press answers: the services it may be, by name."""
    services = [choice for choice in reading.choices if choice in source.lexicon.services]
    return tuple((source.lexicon.names[service], service) for service in services[:5])
