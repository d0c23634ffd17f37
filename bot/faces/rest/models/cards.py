"""A card as JSON; ``bot.cards.wire`` writes it, this describes it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Styled(BaseModel):
    kind: Literal["bold", "code"]
    text: str


class LinkSpan(BaseModel):
    kind: Literal["link"]
    text: str
    url: str


class UserSpan(BaseModel):
    kind: Literal["user"]
    id: str
    name: str
    ping: bool


class ChannelSpan(BaseModel):
    kind: Literal["channel"]
    id: str
    name: str


class MomentSpan(BaseModel):
    kind: Literal["moment"]
    at: datetime
    style: str


SpanOut = str | Annotated[Styled | LinkSpan | UserSpan | ChannelSpan | MomentSpan, Field(discriminator="kind")]


class TextPart(BaseModel):
    kind: Literal["text"]
    spans: list[SpanOut]
    small: bool = False


class LabelValue(BaseModel):
    label: str
    value: list[SpanOut]


class FieldsPart(BaseModel):
    kind: Literal["fields"]
    items: list[LabelValue]


class TablePart(BaseModel):
    kind: Literal["table"]
    columns: list[str]
    rows: list[list[str]]


class StepItem(BaseModel):
    mark: Literal["todo", "doing", "done", "failed", "skipped", "waiting", "ask"]
    text: list[SpanOut]
    depth: int = Field(default=0, description="How far in it stands: a step within a foreach, a branch or a case.")


class StepsPart(BaseModel):
    kind: Literal["steps"]
    items: list[StepItem]


class PicturePart(BaseModel):
    kind: Literal["picture"]
    src: str = Field(description="A data URL of a PNG.")
    alt: str
    name: str


class CodePart(BaseModel):
    kind: Literal["code"]
    text: str
    language: str = ""


class FilePart(BaseModel):
    """A kept file: `GET /api/v2/files/{id}/content`."""

    kind: Literal["file"]
    id: str
    name: str
    size: int


class DividerPart(BaseModel):
    kind: Literal["divider"]


PartOut = Annotated[TextPart | FieldsPart | TablePart | StepsPart | PicturePart | CodePart | FilePart | DividerPart, Field(discriminator="kind")]


class Choice(BaseModel):
    value: str
    label: str


class FormFieldOut(BaseModel):
    name: str
    label: str
    kind: str = Field(description="line, text (many lines), number, integer or choice.")
    value: str
    required: bool
    help: str
    options: list[Choice]


class FormOut(BaseModel):
    title: str
    submit: str
    fields: list[FormFieldOut]


class ButtonOut(BaseModel):
    """`card`, `verb`, `arg` and `version` are the body of `POST /api/v2/actions` that presses it."""

    card: str
    verb: str
    arg: str
    version: int
    label: str
    style: Literal["plain", "primary", "danger"]
    confirm: str = Field(description="What to ask before pressing; empty = nothing.")
    url: str = Field(description="Set: the button only opens this page.")
    form: FormOut | None = Field(description="Set: its values go into `form` of the press.")


class CardOut(BaseModel):
    title: str
    id: str = Field(description="The subject's id (`prv_…`, `alr_…`, `run_…`), empty for a passing answer.")
    version: int
    tone: Literal["neutral", "good", "warning", "bad", "progress", "muted"]
    summary: str
    link: str
    body: list[PartOut]
    actions: list[ButtonOut]
    footer: list[SpanOut]
    mentions: list[SpanOut]
