"""Cards of what may come: chances in words, never a bare number, and a full bar only where something is left."""

from __future__ import annotations

from datetime import timedelta

from bot.cards.card import Picture, Text, Tone
from bot.cards.outlook import budget_line, forecast, metrics, objectives
from engine.commands.command import ForecastShown, MetricRow, MetricsShown, ObjectivesShown
from engine.commands.foreseeing import Foreseen
from engine.commands.objectives import Spending
from engine.monitoring.charting import LineChart, Series
from engine.monitoring.forecast.failure import Risk
from engine.monitoring.forecast.measure import RESPONSE_TIME
from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.forecast.precursor import Look
from engine.monitoring.period import Period
from engine.monitoring.slo.budget import budget
from engine.monitoring.slo.burn import burns
from engine.monitoring.slo.objective import Objective
from tests.bot.cards.test_drawings import check
from tests.engine.clock import NOON

GOAL = Objective(service="github", goal=0.99)
YOUNG = Foreseen(
    service="github",
    account="default",
    slower=NotEnough("too young"),
    failing=NotEnough("too young"),
    prospects=(),
    risks=(NotEnough("no past"),),
)


def spent(bad: int, hours: int = 48) -> Spending:
    history = [Period(at=NOON - timedelta(hours=hours - n), seconds=3600, count=100, errors=bad) for n in range(hours)]
    return Spending(GOAL, budget(GOAL, history, NOON), burns(GOAL, history, NOON))


def words(part: Text) -> str:
    return "".join(span if isinstance(span, str) else getattr(span, "text", "") for span in part.spans)


def shown(*ahead: Foreseen) -> ForecastShown:
    return ForecastShown(service="github", ahead=ahead, spending=(), alerts=(), budgets=(), at=NOON)


def test_a_budget_is_a_bar_with_what_is_left_and_what_it_rests_on() -> None:
    assert "▮▮▮▮▮▮▮▮▮▮ 100 % of the error budget left" in words(budget_line(spent(0)))
    assert "overspent by" in words(budget_line(spent(30)))
    assert "▯▯▯▯▯▯▯▯▯▯" in words(budget_line(spent(30)))
    assert "burns too fast" in words(budget_line(spent(30)))
    young = words(budget_line(spent(0, hours=1)))
    assert "Not enough data" in young
    assert "▮" not in young


def test_the_tone_of_objectives_is_that_of_the_worst() -> None:
    tones = [objectives(ObjectivesShown(rows=rows)).tone for rows in ((), (spent(0),), (spent(0), spent(30)))]
    assert tones == [Tone.NEUTRAL, Tone.GOOD, Tone.BAD]
    assert "/slo set" in words(objectives(ObjectivesShown(rows=())).body[0])  # type: ignore[arg-type]


def test_a_forecast_of_a_young_house_foresees_nothing_and_says_what_is_missing() -> None:
    card = forecast(shown(YOUNG))
    check(card)
    assert card.title == "GitHub: nothing is foreseen"
    assert [words(part) for part in card.body if isinstance(part, Text)] == ["Speed: too young", "Errors: too young", "no past"]


def test_a_likely_failure_is_foreseen_with_its_chance_and_its_evidence_once() -> None:
    risks = tuple(
        Risk(horizon=timedelta(hours=hours), probability=0.7, low=0.4, high=0.9, look=Look.FAILING, windows=9, because=f"seen {hours}")
        for hours in (1, 4)
    )
    card = forecast(
        shown(Foreseen(service="github", account="default", slower=YOUNG.slower, failing=YOUNG.failing, prospects=(), risks=risks))
    )
    check(card)
    assert (card.title, card.tone) == ("GitHub: 1 thing foreseen", Tone.WARNING)
    texts = [words(part) for part in card.body if isinstance(part, Text)]
    assert "Foreseen: A failure, within 1 hour with a chance of 70 %." in texts
    assert ("seen 1" in texts, "seen 4" in texts) == (True, False)


def test_figures_have_a_picture_or_its_words() -> None:
    chart = LineChart(title="t", series=Series("r", (0.0, 1.0), (1.0, 2.0)), start=NOON, end=NOON + timedelta(hours=1), unit="s")
    row = MetricRow(measure=RESPONSE_TIME, now=0.2, whole=0.25, p50=0.25, p95=0.9)
    asked = MetricsShown(service="github", window=timedelta(hours=24), rows=(row,), chart=chart, usual=0.2)
    drawn, told = metrics(asked, b"png"), metrics(asked)
    assert any(isinstance(part, Picture) and part.alt for part in drawn.body)
    assert not any(isinstance(part, Picture) for part in told.body)
    check(drawn)
    check(told)


def test_nothing_measured_is_said_and_no_dashes_stand_alone() -> None:
    row = MetricRow(measure=RESPONSE_TIME, now=None, whole=None)
    card = metrics(MetricsShown(service="github", window=timedelta(hours=24), rows=(row,)))
    assert [words(part) for part in card.body if isinstance(part, Text)] == ["Nothing was measured for 1 day."]
