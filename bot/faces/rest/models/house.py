"""Our own endpoints: chat, runs, impact, graph, sandbox, readiness."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from bot.faces.rest.models.cards import ButtonOut, CardOut
from bot.faces.rest.models.envelope import In, Out
from bot.faces.rest.models.map import FindingOut


class ChatIn(In):
    text: str = Field(min_length=1, max_length=270_000, examples=["what breaks if trello goes down?"])
    channel: str = Field(default="", max_length=200, description="`#name` of the web chat, or `face:channel`; default `#ops`.")
    actor: str = Field(default="", max_length=100, description="A name to show; no rights come with it.")
    timezone: str = Field(default="", max_length=64, examples=["Europe/Berlin"])
    files: list[str] = Field(default=[], max_length=10, description="Ids of kept files that “this file” means, see `/api/v2/files`.")


class ActionIn(In):
    card: str = Field(max_length=60, examples=["prv_01J9ZQ4M3W5T8Y1X2C3V4B5N6M"])
    verb: str = Field(max_length=60, examples=["confirm"])
    arg: str = Field(default="", max_length=200)
    version: int = Field(ge=0, lt=2**31, description="The version of the card that was seen.", examples=[1])
    actor: str = Field(default="", max_length=100)
    channel: str = Field(default="", max_length=200)
    form: dict[str, str] = Field(default={}, description="The values of the button's form.")


class TurnOut(BaseModel):
    success: bool = Field(description="False: it was refused; the card says why.")
    error: str | None = None
    cards: list[CardOut]
    command: dict[str, Any] | None = Field(description="What was understood, as `parse` prints it.")
    run: str | None
    faults: dict[str, str] = Field(default={}, description="What is wrong with the values of a form, by the name of its field.")
    opens: ButtonOut | None = Field(default=None, description="A button of `cards` whose form is what was asked for.")


RunStateName = Literal["queued", "running", "waiting", "paused", "succeeded", "failed", "cancelled"]


class RunRow(BaseModel):
    id: str
    workflow_id: str
    version: int
    name: str
    state: RunStateName
    started_at: datetime
    finished_at: datetime | None
    by: str
    sandbox: bool
    error: str
    wake_at: datetime | None = Field(default=None, description="When it goes on by itself: a retry, a timer, an expiry, its deadline.")
    parent: str = Field(default="", description="`<run> <step>`: the step of another run that started it.")
    alert: str = Field(default="", description="The alert it belongs to.")


class RunsOut(Out):
    runs: list[RunRow]
    total_count: int


class StepOut(BaseModel):
    id: str
    action: str
    state: Literal["pending", "running", "asked", "retrying", "waiting", "in_doubt", "succeeded", "failed", "skipped"]
    attempts: int
    output: Any
    error: str
    sandbox: bool
    started_at: datetime | None
    finished_at: datetime | None
    kind: str = Field(default="action", description="`action`, or what else a step can be: `foreach`, `approve`, …")
    within: str = Field(default="", description="The construct that holds it; a step of its fourth entry is called `post[3]`.")
    until: datetime | None = Field(default=None, description="When its wait or approval ends by itself.")
    waits_for: str = ""
    undo: bool = Field(default=False, description="It undoes what a step did.")
    looks: bool = Field(default=False, description="In doubt, and `POST …/look` can settle it.")


class FactOut(BaseModel):
    seq: int
    at: datetime
    kind: str = Field(examples=["asked"])
    step: str
    attempt: int
    key: str = Field(description="The idempotency key the ask went out with.")
    data: dict[str, Any]


class RunOut(RunRow):
    success: Literal[True] = True
    steps: list[StepOut]
    facts: list[FactOut]


class ActorIn(In):
    actor: str = Field(default="", max_length=100, description="A name to show; no rights come with it.")


class CancelIn(ActorIn):
    undo: bool = Field(default=True, description="Undo what it did, where the workflow says how.")


class RetryIn(ActorIn):
    """Nothing in it: as it was."""

    inputs: dict[str, Any] = Field(default={}, description="Inputs of the run that are to be different.")
    arguments: dict[str, dict[str, Any]] = Field(
        default={}, description="Step → arguments that are to be different.", examples=[{"create_card": {"board": "Ops"}}]
    )
    skip: list[str] = Field(default=[], max_length=10_000, description="Failed steps to pass over instead.")


class StepIn(ActorIn):
    step: str = Field(default="", max_length=200, description="Its id; may be left out where only one can be meant.")


class SettleIn(StepIn):
    happened: bool = Field(description="True: the run goes on behind it. False: it is asked again.")


class VoteIn(StepIn):
    approved: bool
    note: str = Field(default="", max_length=2000, description="Why; some approvals demand it.")


class AffectedOut(BaseModel):
    id: str
    name: str
    survives_by: str = Field(description="The fallback service that carries it; empty = it stops.")
    runs_per_hour: float
    because: str


class ImpactOut(Out):
    service: str
    state: Literal["down", "degraded"]
    workflows: list[AffectedOut]
    runs_lost_per_hour: float
    people: list[str]
    severity: Literal["low", "medium", "high", "critical"]
    shared_fallback_dependencies: list[str]
    because: str


class NodeOut(BaseModel):
    id: str
    kind: str
    name: str
    status: str


class EdgeOut(BaseModel):
    source: str = Field(description="Needs `target`.")
    target: str
    kind: str


class ComponentOut(BaseModel):
    id: str
    name: str
    kind: str
    owner: str
    tier: int | None
    criticality: str
    aliases: list[str]


class EvidenceOut(BaseModel):
    source: str = Field(description="Needs `target`.")
    target: str
    kind: str
    group: str
    soft: bool
    because: list[dict[str, Any]] = Field(description="Pieces of evidence: kind, origin, since, seen, per_hour.")


class GraphOut(Out):
    nodes: list[NodeOut]
    edges: list[EdgeOut]
    components: list[ComponentOut] = Field(default=[], description="Everything on the map: also what no workflow has to do with.")
    evidence: list[EvidenceOut] = Field(default=[], description="Every line of the map that counts, and how it is known.")
    findings: list[FindingOut] = Field(default=[], description="What is odd on the map.")


class FaultIn(In):
    service: str = Field(max_length=60, examples=["trello"])
    kind: Literal["down", "slow", "429", "5xx", "lost_answer", "lost_ask", "random"]
    for_s: float | None = Field(default=None, gt=0, le=86_400, description="Seconds; without it until it is ended.")
    share: float = Field(default=1.0, gt=0, le=1, description="Of the calls.")


class FaultOut(BaseModel):
    service: str
    kind: str
    share: float
    until: datetime | None


class FaultsOut(Out):
    faults: list[FaultOut]


class PartOfHouse(BaseModel):
    ready: bool
    configured: bool
    detail: str


class ReadyOut(BaseModel):
    ready: bool
    parts: dict[str, PartOfHouse]


class AliveOut(BaseModel):
    alive: Literal[True] = True
