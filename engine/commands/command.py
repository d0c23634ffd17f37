"""What a command is: a frozen dataclass that says its words and handles itself in the house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from engine.commands.advice_shown import AdviceShown
from engine.commands.map_shown import (
    DependenciesShown,
    ImportPlanned,
    MapCheckedShown,
    MapEdited,
    MapHistoryShown,
    SuggestionsShown,
)
from engine.commands.reroutes_shown import ReroutesShown
from engine.errors import Rejected
from engine.graph.blame.kept import Kept
from engine.graph.impact import Impact
from engine.monitoring.alert import Alert
from engine.monitoring.charting import BurnDown, HeatStrip, LineChart, Sparklines, Timeline
from engine.monitoring.escalation import EscalationPolicy
from engine.monitoring.forecast.foresight import Prospect
from engine.monitoring.forecast.measure import Measure
from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.forecast.trend import Trend
from engine.monitoring.grouping.suspect import Suspect
from engine.monitoring.health import Formula, ServiceHealth, SystemHealth
from engine.monitoring.incident import Incident
from engine.monitoring.oncall import Rota, Shift
from engine.monitoring.quality import Proposal, RuleQuality
from engine.monitoring.report import ReportPlan
from engine.monitoring.silence import Silence
from engine.monitoring.threshold import Thresholds
from engine.parties import Actor, Address, Role
from engine.ports import Account, AuditRow, Budget, Finding, Standing, Way
from engine.prediction.analytics.report import Analytics
from engine.prediction.foretold import Foretold
from engine.rehearsal.differing import Replayed
from engine.rehearsal.story import Rehearsed
from engine.workflow.definition import Definition, Draft, Input, Json, Workflow
from engine.workflow.difference import Change
from engine.workflow.run import RunRecord, StepView

if TYPE_CHECKING:
    from engine.commands.foreseeing import Foreseen
    from engine.commands.house import House
    from engine.commands.objectives import Spending


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, where and when. ``key`` identifies the request for ever: handling it twice must change things once."""

    actor: Actor
    where: Address
    at: datetime
    timezone: str
    key: str
    version: int = 0  # the version a pressed card showed; 0 = not from a card
    form: Mapping[str, str] = field(default_factory=dict)


# --- what a command answers: values; ``bot.cards`` draws them -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewShown:
    """``fires`` are the next fire times of a schedule; ``touches`` one (service, account, mode) per account touched; ``diff`` for a change."""

    draft: Draft
    definition: Definition | None
    fires: tuple[datetime, ...] = ()
    touches: tuple[tuple[str, str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    diff: str = ""
    changes: tuple[Change, ...] = ()  # the same in words; also for a preview that a sentence has changed
    yaml: str = ""
    text: str = ""  # for drafts that hold a command, what Confirm will do
    usual: tuple[str, ...] = ()  # what was filled in from habit, a sentence each
    timezone: str = ""  # IANA; of the schedule
    asker_timezone: str = ""  # IANA; of who asked, where it is another than the schedule's


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowShown:
    """``timezone``, here and below: the asker's IANA zone, in which tables write their times."""

    workflow: Workflow
    runs: tuple[RunRecord, ...]
    next_fire: datetime | None
    touches: tuple[tuple[str, str, str], ...]
    yaml: str
    inputs: tuple[Input, ...] = ()  # what a run by hand is given
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowsShown:
    """``rows``: (workflow, last run, next fire). ``filter`` is what was asked for, in words; ``schedule``: only when they fire."""

    rows: tuple[tuple[Workflow, RunRecord | None, datetime | None], ...]
    filter: str = ""
    timezone: str = "UTC"
    schedule: bool = False
    likely: str = ""  # which one the asker is likely to run next, and why, in a sentence


@dataclass(frozen=True, slots=True)
class Starter:
    """Who or what started a run, for people. ``person``: the actor id where it was a person; then ``words`` is their name, "" = not known."""

    words: str
    person: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendable:
    """A failed step and the arguments it was asked with: what a retry may change. ``fixed``: names of arguments that hold a secret."""

    step: str
    arguments: Mapping[str, Json]
    fixed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShown:
    """``amendable``: failed steps that a retry may put anew. ``skippable``: ids of steps that can be passed over now.

    ``round`` counts the retries, from 1: what a press must have seen. ``undoable``: something done so far would be undone by a cancel.
    ``ahead``: runs before it in its line. ``parent`` started it, ``children`` were started by it. ``paused_by``: a name.
    """

    run: RunRecord
    steps: tuple[StepView, ...]
    starter: Starter = Starter("")
    amendable: tuple[Amendable, ...] = ()
    skippable: tuple[str, ...] = ()
    inputs: Mapping[str, Json] = field(default_factory=dict)
    round: int = 1
    undoable: bool = False
    ahead: int = 0
    paused_by: str = ""
    alert: Alert | None = None
    parent: RunRecord | None = None
    children: tuple[RunRecord, ...] = ()
    foretold: Foretold | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsShown:
    """``starters``: by run id. ``filter``: the outcome and window that were asked for, in words."""

    runs: tuple[RunRecord, ...]
    workflow: str = ""
    filter: str = ""
    starters: Mapping[str, Starter] = field(default_factory=dict)
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputsWanted:
    """A workflow cannot be run before somebody fills in its form; ``given`` is what was said already."""

    workflow: Workflow
    inputs: tuple[Input, ...]
    given: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsShown:
    """Every stored version of a workflow, newest first, with what it changed in one line."""

    workflow: Workflow
    rows: tuple[tuple[Workflow, str], ...]
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceShown:
    """``diff``: lines with - and +, "" when both are the same."""

    workflow: Workflow
    older: int
    newer: int
    diff: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedShown:
    """``chaos``: the same with random faults, where nobody said what should go wrong. ``again``: what to type to see exactly this once more."""

    rehearsed: Rehearsed
    chaos: Rehearsed | None = None
    again: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedShown:
    replayed: Replayed
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertShown:
    """``runbooks``: workflows that can be run by hand for it. ``runs``: those that were started for it, newest first.

    ``incident``: what its card speaks for, None = this alert alone. ``vendor``: what the suspected service says of itself. ``at``: as of when.
    ``judged``: what was found of its cause, ``said_of_it``: and what people said of that.
    """

    alert: Alert
    runbooks: tuple[Workflow, ...] = ()
    runs: tuple[RunRecord, ...] = ()
    incident: Incident | None = None
    suspect: Suspect | None = None
    suspect_name: str = ""
    judged: Kept | None = None
    said_of_it: str = ""
    vendor: Standing | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsShown:
    """``filter``: the state, service and severity that were asked for, in words; "" = the open ones.

    ``folded``: id → how many further alerts of its incident this one stands for.
    """

    alerts: tuple[Alert, ...]
    folded: Mapping[str, int] = field(default_factory=dict)
    filter: str = ""
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityShown:
    """How good the rules were from ``since`` to ``until``, the noisiest first. ``applied``: every threshold that is set now."""

    id: str
    since: datetime
    until: datetime
    rows: tuple[RuleQuality, ...]
    proposals: tuple[Proposal, ...]
    applied: tuple[Thresholds, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestShown:
    """Incidents of a span: those that began in it or were open in it, newest first. ``called``: how many led to somebody being called.

    ``to_acknowledge``, ``to_resolve``: medians in seconds, None = none. ``quiet``: how many nobody was told of.
    """

    since: datetime
    until: datetime
    incidents: tuple[Incident, ...]
    called: int
    quiet: int
    to_acknowledge: float | None
    to_resolve: float | None
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMortemShown:
    """``text``: the draft as Markdown. ``summary``: a model's words in it, "" = none."""

    incident: Incident
    title: str
    text: str
    figures: Mapping[str, str]
    chart: Timeline
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansShown:
    """Reports that are posted by themselves."""

    plans: tuple[ReportPlan, ...]
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class SilencesShown:
    """Windows, the one that comes first first."""

    silences: tuple[Silence, ...]
    now: datetime
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceShown:
    """One window of a silence, as it stood when its card was wanted: ``window`` is its number. ``held``: how many alerts it keeps quiet now."""

    silence: Silence
    window: int
    now: datetime
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallShown:
    """``rows``: (rota, the shift of now, the one after it). ``ahead``: where it is about one rota, its next shifts."""

    rows: tuple[tuple[Rota, Shift, Shift], ...]
    ahead: tuple[Shift, ...] = ()
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationsShown:
    policies: tuple[EscalationPolicy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthShown:
    system: SystemHealth
    services: tuple[ServiceHealth, ...]
    accounts: tuple[Account, ...]
    alerts: tuple[Alert, ...]
    budgets: tuple[Budget, ...] = ()
    standing: Standing | None = None  # what the vendor says of itself, where one service was asked for
    formula: Formula = Formula.SIGNALBOX
    ahead: tuple[Foreseen, ...] = ()  # where it is heading, of each account of the one service
    spending: tuple[Spending, ...] = ()  # its objectives
    strip: HeatStrip | None = None  # the last 90 days, in a report that is posted


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsShown:
    """``rows``: every measure that was asked for. Of one measure also its ``trend``, what is ``usual``, the ``prospect`` and a ``chart``."""

    service: str
    window: timedelta
    rows: tuple[MetricRow, ...]
    trend: Trend | NotEnough | None = None
    usual: float | None = None
    prospect: Prospect | None = None
    chart: LineChart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """``now``: of the last quarter of an hour; ``whole``: of the window; ``p95``: one in twenty is worse. None = nothing was measured."""

    measure: Measure
    now: float | None
    whole: float | None
    p50: float | None = None
    p95: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastShown:
    """``alerts``: what the forecaster foresees now (open alerts of it); ``budgets``: what is used of the service's own limits."""

    service: str
    ahead: tuple[Foreseen, ...]
    spending: tuple[Spending, ...]
    alerts: tuple[Alert, ...]
    budgets: tuple[Budget, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectivesShown:
    """``service``: where only one was asked for. ``changed``: what was done, in a sentence. ``chart``: of the one there is."""

    rows: tuple[Spending, ...]
    service: str = ""
    changed: str = ""
    chart: BurnDown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactShown:
    """``drawing`` is what ``Pictures.impact`` takes; ``people`` are the names of those whose workflows stop."""

    impact: Impact
    drawing: Mapping[str, Any]
    people: tuple[str, ...] = ()
    named: tuple[str, ...] = ()  # everything that was asked about, as people call it
    further: tuple[str, ...] = ()  # what falls with it, what is under way and due, in sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticsShown:
    """``words`` name the time and go on from “in”: “the last 30 days”. ``chart``: None where there is too little to draw."""

    report: Analytics
    words: str
    timezone: str = "UTC"
    chart: Sparklines | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionShown:
    """One account of a service and how it can be connected. ``there`` None: there is none of this name yet; ``others``: further accounts.

    ``kept``: by the house, so it can be disconnected here. ``link``: a personal one that opens for ten minutes; "" = none was made.
    """

    service: str
    name: str
    account: str
    there: Account | None
    others: tuple[Account, ...] = ()
    ways: tuple[Way, ...] = ()
    kept: bool = False
    link: str = field(default="", repr=False)
    admin: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsShown:
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditShown:
    rows: tuple[AuditRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpShown:
    """(slash form, what it does, example). ``found`` False: nothing is about ``topic``, so everything is shown."""

    rows: tuple[tuple[str, str, str], ...]
    topic: str = ""
    found: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatesShown:
    """(name, what it does, the sentence to say)."""

    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileShown:
    """Text to take away, such as exported YAML."""

    title: str
    text: str
    language: str = "yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something is missing: one question, and one-press answers as (label, words to say).

    ``deeds``: what each option does where that is known already, as (command, arguments); without them its words are said.
    """

    question: str
    options: tuple[tuple[str, str], ...] = ()
    deeds: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A plain sentence: what was done."""

    text: str
    good: bool = True


Result: TypeAlias = (
    PreviewShown
    | WorkflowShown
    | WorkflowsShown
    | RunShown
    | RunsShown
    | InputsWanted
    | VersionsShown
    | DifferenceShown
    | RehearsedShown
    | ReplayedShown
    | AlertShown
    | AlertsShown
    | QualityShown
    | DigestShown
    | PlansShown
    | PostMortemShown
    | SilencesShown
    | SilenceShown
    | OnCallShown
    | EscalationsShown
    | HealthShown
    | MetricsShown
    | ForecastShown
    | ObjectivesShown
    | ImpactShown
    | DependenciesShown
    | MapEdited
    | MapHistoryShown
    | MapCheckedShown
    | SuggestionsShown
    | ImportPlanned
    | ReroutesShown
    | AnalyticsShown
    | AdviceShown
    | ConnectionShown
    | FindingsShown
    | AuditShown
    | HelpShown
    | TemplatesShown
    | FileShown
    | Asked
    | Done
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``tracked``: the card about ``result`` was put into the outbox for the asker's channel and need not be shown again.

    ``public``: everyone in the channel may see it; otherwise it is for the asker. ``note``: a sentence for the asker alone, beside it.
    ``opens``: the verb of the button of the result's card whose form is what the asker wants; faces that can open it at once do.
    ``about``: the id of what a plain sentence is about, so that “it” can mean it.
    """

    result: Result
    tracked: bool = False
    public: bool = False
    run: str | None = None
    note: str = ""
    opens: str = ""
    about: str = ""


class Command:
    """Base of every command; a frozen dataclass a file. Its fields are the arguments of the parse contract, all optional words.

    ``BUTTON`` is ``prefix.verb``: a press of ``verb`` on a card whose id begins with ``prefix_`` becomes this command by ``pressed``.
    """

    NAME: ClassVar[str] = ""
    NEEDS: ClassVar[Role] = Role.VIEWER
    SLASH: ClassVar[str] = ""  # "/ack"; empty: only by button or sentence
    HELP: ClassVar[str] = ""  # one sentence
    EXAMPLE: ClassVar[str] = ""
    BUTTON: ClassVar[str] = ""

    __slots__ = ()

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> Command:
        raise Rejected("This button does nothing here.")

    async def handle(self, house: House, asking: Asking) -> Outcome:
        raise Rejected(f"“{self.NAME}” cannot be done.")

    @classmethod
    async def confirmed(cls, house: House, asking: Asking, draft: Draft) -> Outcome:
        """What Confirm does with a draft of this command; ``draft`` is confirmed already, in memory only: ``drafting.settle`` stores it."""
        raise Rejected("This preview asks for something that this version of Signalbox cannot do. Press Cancel to put it away.")
