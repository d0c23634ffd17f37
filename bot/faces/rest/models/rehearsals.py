"""Rehearsals and replays: what is asked for, and what would have happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from bot.faces.rest.models.envelope import In, Out

Kind = Literal["down", "slow", "429", "5xx", "lost_answer", "lost_ask", "random"]
EndName = Literal["succeeded", "failed", "cancelled", "waits", "cut_off", "refused"]


class FaultWishIn(BaseModel):
    service: str = Field(default="", max_length=60, description="Empty: every service.")
    kind: Kind
    share: float = Field(default=1.0, ge=0, le=1, description="Of the calls.")


class RehearsalIn(In):
    event: dict[str, Any] | None = Field(
        default=None, description="Fields of the event it is tried on; an example stands for what is not said."
    )
    inputs: dict[str, Any] = Field(default={}, description="Inputs of a workflow that is run by hand.")
    faults: list[FaultWishIn] = Field(default=[], max_length=50)
    words: str = Field(
        default="", max_length=1000, description="Faults as people say them.", examples=["trello lost answers 30%, 20 times"]
    )
    trials: int | None = Field(default=None, ge=1, le=100)
    seed: int | None = Field(default=None, ge=0, lt=2**53, description="The same seed gives the same rehearsal.")
    approvals: Literal["", "yes", "no", "nobody"] = Field(default="", description="What people answer; yes when not said.")
    definition: dict[str, Any] | None = Field(default=None, description="To be tried instead of the stored one; nothing is stored.")
    actor: str = Field(default="", max_length=100)


class ReplayIn(In):
    days: float = Field(default=7.0, gt=0, le=30)
    version: int | None = Field(
        default=None, ge=1, lt=10**8, description="What the newest is held against; the one before it when not said."
    )
    definition: dict[str, Any] | None = Field(default=None, description="To be held against the newest; nothing is stored.")
    actor: str = Field(default="", max_length=100)


class LineOut(BaseModel):
    at: float = Field(description="Virtual seconds since the run began.")
    what: str = Field(examples=["asked", "answered", "failed", "doubt"])
    run: str = Field(description="Name of a run that this one started; empty for the run itself.")
    step: str
    action: str
    attempt: int
    text: str
    arguments: dict[str, Any]
    output: Any
    next_in: float | None
    undo: bool


class QuestionOut(BaseModel):
    at: float
    kind: Literal["approval", "doubt"]
    step: str
    action: str
    text: str
    answer: str
    run: str


class TrialOut(BaseModel):
    """`lines` only of the trial most worth reading."""

    number: int
    end: EndName
    why: str
    seconds: float = Field(description="Virtual.")
    asks: int
    failures: int
    questions: list[QuestionOut]
    undone: list[str]
    lines: list[LineOut]


class RehearsedOut(BaseModel):
    summary: str = Field(examples=["20 of 20 trials succeed; in 3 a human is asked whether trello.create_card happened"])
    good: bool
    wanted: int
    seed: int
    faults: list[FaultWishIn]
    event: dict[str, Any]
    inputs: dict[str, Any]
    example: bool = Field(description="Nobody said an event, so an example stood for it.")
    notes: list[str]
    trials: list[TrialOut]


class RehearsalOut(Out):
    workflow_id: str
    name: str
    version: int
    rehearsal: RehearsedOut
    chaos: RehearsedOut | None = Field(
        description="The same with random faults, where nobody said what should go wrong and it goes well without."
    )


class ChangeOut(BaseModel):
    kind: Literal["new", "gone", "other"]
    step: str
    action: str
    argument: str
    was: str
    now: str


class SideOut(BaseModel):
    starts: bool
    reason: str
    end: EndName | None = Field(description="Null: it starts, and was not played.")
    why: str


class RowOut(BaseModel):
    id: str
    at: datetime
    name: str = Field(examples=["github.push"])
    kind: Literal["newly", "no_more", "differs", "same", "neither"]
    event: dict[str, Any]
    old: SideOut | None
    new: SideOut
    changes: list[ChangeOut]
    really: str = Field(description="How the run that it really started stands; empty: it started none.")


class ReplayOut(Out):
    workflow_id: str
    name: str
    old: int = Field(description="Version; 0 = none.")
    new: int
    since: datetime
    until: datetime
    summary: str
    notes: list[str]
    rows: list[RowOut]
