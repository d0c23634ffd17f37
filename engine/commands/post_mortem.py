"""Draft a post-mortem of an incident: its timeline from the audit, what it broke, and what people took how long."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import ClassVar

from engine.commands.alerting import incident_of, meant, shown
from engine.commands.command import Asking, Command, Outcome, PostMortemShown
from engine.commands.house import House
from engine.commands.language_model import model_leave
from engine.errors import NotFound, SignalboxError
from engine.monitoring.alert import Alert
from engine.monitoring.incident import Incident
from engine.monitoring.postmortem import Moment, Row, drawn, figures, moments, written
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Json
from engine.workflow.marking import RULE, marked
from engine.workflow.run import RunState

log = logging.getLogger(__name__)

MOST_MEMBERS = 40  # whose audit is read
MOST_ROWS = 200  # of one of them
MOST_FAILED = 20
SUMMARY: Mapping[str, Json] = {
    "type": "object",
    "properties": {"summary": {"type": "string", "maxLength": 900}},
    "required": ["summary"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMortem(Command):
    NAME: ClassVar[str] = "post_mortem"
    SLASH: ClassVar[str] = "/alerts postmortem"
    HELP: ClassVar[str] = "Draft a post-mortem: timeline, figures, likely cause and what broke, as text to go on with."
    EXAMPLE: ClassVar[str] = "/alerts postmortem github"
    BUTTON: ClassVar[str] = "alr.postmortem"
    alert: str = ""
    service: str = ""
    severity: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> PostMortem:
        return cls(alert=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        alert = await meant(house, self) if self.alert or not self.service else await self._latest(house)
        if isinstance(alert, Outcome):
            return alert
        about = await shown(house, alert)
        whole = about.incident or incident_of([], alert)
        told = moments(await _rows(house, whole))
        names = {name: product(name) for name in whole.services}
        cause = f"{about.suspect_name}: {about.suspect.because}" if about.suspect is not None and about.suspect.because else ""
        cause = " ".join(part for part in (cause or about.suspect_name, about.said_of_it) if part)
        failed = await _failed(house, whole, asking.at)
        summary = await _told(house, whole, told, asking.key, asking.where.face)
        text = written(whole, told, names, now=asking.at, cause=cause, failed=failed, summary=summary)
        title = f"{names.get(whole.lead.service) or whole.lead.rule.replace('_', ' ')}, {whole.opened_at:%Y-%m-%d}"
        chart = drawn(whole, told, asking.at, asking.timezone, title)
        return Outcome(
            result=PostMortemShown(incident=whole, text=text, figures=figures(whole, asking.at), title=title, chart=chart, summary=summary),
            public=True,
        )

    async def _latest(self, house: House) -> Alert:
        """Of a service: the newest, be it over or not."""
        service = house.service(self.service).id
        found = await house.store.alerts.list(service=service, limit=1)
        if not found:
            raise NotFound(f"{product(service)} has had no alert.")
        return found[0]


async def _rows(house: House, whole: Incident) -> list[Row]:
    found = []
    for one in whole.members[:MOST_MEMBERS]:
        name = product(one.service) or one.rule.replace("_", " ")
        rows = await house.store.audit.list(subject=one.id, limit=MOST_ROWS)
        found += [Row(row.at, row.actor_name, row.verb, name, row.detail) for row in rows if row.outcome == "done"]
    return found


async def _failed(house: House, whole: Incident, now: datetime) -> list[str]:
    """Runs that failed while it lasted and touched one of its services."""
    since, until = whole.opened_at, whole.resolved_at or now
    runs = await house.store.runs.list(since=since, outcome=RunState.FAILED.value, limit=500)
    named = {product(name).casefold() for name in whole.services} | set(whole.services)
    meanwhile = [run for run in runs if run.started_at <= until]
    ours = [run for run in meanwhile if any(name and name in run.error.casefold() for name in named)] or meanwhile
    more = [f"… and {len(ours) - MOST_FAILED} more"] if len(ours) > MOST_FAILED else []
    return [f"{run.name} at {run.started_at:%H:%M} UTC: {' '.join(run.error.split())[:160]}" for run in ours[:MOST_FAILED]] + more


def _first(record: list[Json], most: int) -> list[Json]:
    """As many entries, oldest first, as fit into ``most`` characters."""
    sizes = accumulate(len(json.dumps(one, ensure_ascii=False)) for one in record)
    return [one for one, size in zip(record, sizes, strict=True) if size <= most]


async def _told(house: House, whole: Incident, told: Sequence[Moment], key: str, face: str) -> str:
    """The summary in a model's words, where one is set up and turned on for this workspace; what it cannot tell, the record does."""
    if house.model is None or not (await model_leave(house, face)).on:
        return ""
    record: list[Json] = [{"at": one.at.isoformat(), "what": one.text} for one in told]
    prompt = (
        "Sum up this incident for a post-mortem in at most five plain sentences: what failed, since when, who did what, how it ended. Say only what "
        f"the record says. {RULE}\n{marked(_first(record, 12_000))}"
    )
    try:
        said = await house.model.ask(prompt, SUMMARY, key=f"postmortem:{whole.id}:{key}")
    except SignalboxError as error:
        log.info("the summary of %s comes from the record: %s", whole.id, error)
        return ""
    return " ".join(str(said["summary"]).split()) if isinstance(said, dict) and said.get("summary") else ""
