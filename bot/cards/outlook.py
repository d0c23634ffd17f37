"""Cards about what is likely to come: forecasts, objectives and the figures they are read from."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.card import Bold, Card, Fields, Line, Moment, Part, Picture, Table, Text, Tone
from bot.cards.words import amount, headline, said, service, small
from engine.commands.command import ForecastShown, MetricRow, MetricsShown, ObjectivesShown
from engine.commands.foreseeing import Foreseen
from engine.commands.objectives import Spending
from engine.monitoring.charting_words import alt_text
from engine.monitoring.forecast.failure import Risk
from engine.monitoring.forecast.foresight import LIKELY, RUNGS
from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.forecast.trend import Direction, Trend
from engine.monitoring.slo.burn import worst
from engine.monitoring.spans import about

ARROWS = {Direction.IMPROVING: "↘ improving", Direction.STABLE: "→ stable", Direction.DEGRADING: "↗ degrading"}
BAR = 10  # signs of a bar
DASH = "–"


# --- a forecast ----------------------------------------------------------------------------------------------------------------


def forecast(shown: ForecastShown) -> Card:
    likely = _likely(shown)
    body: list[Part] = [said(Bold("Foreseen: "), text) for text in likely]
    several = len(shown.ahead) > 1
    for one in shown.ahead:
        if several:
            body.append(said(Bold(f"{service(one.service)} ({one.account})")))
        body += [_trend_line("Speed", one.slower), _trend_line("Errors", one.failing)]
        body += [said(prospect.answer.because) for prospect in one.prospects]
        body.append(
            Table(("Within", "Fails with a chance of", "Nine of ten"), tuple(_risk(risk) for risk in one.risks if isinstance(risk, Risk)))
        )
        body += [small(why) for why in _whys(one.risks)]
    body += [budget_line(one) for one in shown.spending]
    body += [small(f"Quota: {row.used:,} of {row.limit:,} used ({row.name}).") for row in shown.budgets]
    found = amount(len(likely), "thing") + " foreseen" if likely else "nothing is foreseen"
    return Card(
        title=headline(f"{service(shown.service)}: {found}"),
        tone=Tone.WARNING if likely else Tone.NEUTRAL,
        body=tuple(part for part in body if not (isinstance(part, Table) and not part.rows)),
        footer=("As of ", Moment(shown.at), f"; foreseen is what is likelier than {100 * LIKELY:.0f} %"),
    )


def _likely(shown: ForecastShown) -> list[str]:
    """What can be told now, and what the forecaster has told of besides: quotas and error budgets."""
    now = [found for one in shown.ahead for prospect in one.prospects if (found := prospect.prediction(RUNGS))]
    failing = [risk for one in shown.ahead for risk in one.risks if isinstance(risk, Risk) and risk.probability >= LIKELY][:1]
    metrics = {found.metric for found in now} | ({"availability"} if failing else set())
    told = [f"{found.text} Within {about(found.horizon.total_seconds())} with a chance of {_percent(found.probability)}." for found in now]
    told += [f"A failure, within {about(risk.horizon.total_seconds())} with a chance of {_percent(risk.probability)}." for risk in failing]
    return told + [f"{alert.message} {alert.because}" for alert in shown.alerts if alert.labels.get("metric") not in metrics]


def _whys(risks: Sequence[Risk | NotEnough]) -> list[str]:
    """How the account looks is the same for every horizon, and said once."""
    first = [risk.because for risk in risks if isinstance(risk, Risk)][:1]
    return first + list(dict.fromkeys(risk.because for risk in risks if isinstance(risk, NotEnough)))


def ahead_lines(ahead: Sequence[Foreseen]) -> list[Part]:
    """The trends of one service in a line each, and what is likely; for a report that is about more."""
    lines: list[Part] = []
    for one in ahead:
        lines += [_trend_line("Speed", one.slower), _trend_line("Errors", one.failing)]
        lines += [
            said(Bold("Ahead: "), found.text + " ", found.because) for prospect in one.prospects if (found := prospect.prediction(RUNGS))
        ]
        risks = [risk for risk in one.risks if isinstance(risk, Risk)]
        if risks:
            chances = ", ".join(f"{about(risk.horizon.total_seconds())} {_percent(risk.probability)}" for risk in risks)
            lines.append(small(f"Chance of a failure within {chances}."))
    return lines


def _trend_line(name: str, found: Trend | NotEnough) -> Text:
    if isinstance(found, NotEnough):
        return small(f"{name}: {found.because}")
    return said(Bold(f"{name}: "), f"{ARROWS[found.direction]}. ", found.because)


def _risk(risk: Risk) -> tuple[str, ...]:
    return about(risk.horizon.total_seconds()), _percent(risk.probability), f"{_percent(risk.low)} to {_percent(risk.high)}"


def _percent(share: float) -> str:
    return "under 1 %" if share < 0.01 else "over 99 %" if share > 0.99 else f"{100 * share:.0f} %"


# --- objectives ------------------------------------------------------------------------------------------------------------------


def objectives(shown: ObjectivesShown) -> Card:
    nothing = "No objective is set. For example: /slo set github 99.5% over 28d"
    body: list[Part] = [said(shown.changed)] if shown.changed else []
    body += [budget_line(one) for one in shown.rows] or ([] if shown.changed else [said(nothing)])
    burning = [one for one in shown.rows if worst(one.burns) is not None]
    spent = [one for one in shown.rows if not isinstance(one.budget, NotEnough) and one.budget.left <= 0]
    title = f"Objectives of {service(shown.service)}" if shown.service else "Objectives"
    return Card(
        title=headline(title),
        tone=Tone.BAD if spent else Tone.WARNING if burning else Tone.GOOD if shown.rows else Tone.NEUTRAL,
        body=tuple(body),
        summary=headline(f"{title}: {len(shown.rows)}, {len(burning)} burning too fast, {len(spent)} spent"),
    )


def budget_line(one: Spending) -> Text:
    """“GitHub (99.5 % good …): ▮▮▮▮▮▮▯▯▯▯ 62 % of the error budget left. 12 of 3,210 …”"""
    objective = one.objective
    called = service(objective.service) + (f" ({objective.account})" if objective.account else "")
    head: Line = (Bold(f"{called}: "), f"{objective}. ")
    burning = worst(one.burns)
    fast = f" It burns too fast: {burning.because}" if burning else ""
    if isinstance(one.budget, NotEnough):
        return Text((*head, one.budget.because + fast))
    left = one.budget.left
    full = max(0, min(BAR, round(BAR * left)))
    bar = "▮" * full + "▯" * (BAR - full)
    stands = f"{100 * left:.0f} % of the error budget left" if left > 0 else f"the error budget is overspent by {100 * -left:.0f} %"
    return Text((*head, f"{bar} {stands}. {one.budget.because}{fast}"))


# --- figures ---------------------------------------------------------------------------------------------------------------------


def metrics(shown: MetricsShown, png: bytes | None = None) -> Card:
    """``png``: the chart, where it could be drawn; else its words stand alone."""
    over = about(shown.window.total_seconds())
    rows = tuple(_figures(row) for row in shown.rows)
    body: list[Part] = []
    if len(shown.rows) == 1:
        body.append(Fields(_of_one(shown, shown.rows[0], over)))
    else:
        body.append(Table(("Figure", "Now", over, "Middle", "1 in 20 beyond"), rows))
    if shown.chart is not None:
        body.append(Picture(png, alt_text(shown.chart), name="figures.png") if png else small(alt_text(shown.chart)))
    if shown.trend is not None:
        body.append(_trend_line("Trend", shown.trend))
    if shown.prospect is not None:
        body.append(said(shown.prospect.answer.because))
    if all(row.whole is None for row in shown.rows):
        body = [said(f"Nothing was measured for {over}.")]
    name = shown.rows[0].measure.words if len(shown.rows) == 1 else "figures"
    return Card(title=headline(f"{service(shown.service)}: {name}"), body=tuple(body), tone=_tone(shown))


def _figures(row: MetricRow) -> tuple[str, ...]:
    return row.measure.words, *(_say(row, value) for value in (row.now, row.whole, row.p50, row.p95))


def _of_one(shown: MetricsShown, row: MetricRow, over: str) -> tuple[tuple[str, Line], ...]:
    fields: list[tuple[str, Line]] = [("Now", (Bold(_say(row, row.now)),)), (f"Over {over}", (_say(row, row.whole),))]
    if row.p95 is not None:
        fields.append(("1 in 20 beyond", (_say(row, row.p95),)))
    if shown.usual is not None:
        fields.append(("Usual at this time", (_say(row, shown.usual),)))
    return tuple(fields)


def _say(row: MetricRow, value: float | None) -> str:
    return DASH if value is None else row.measure.say(value)


def _tone(shown: MetricsShown) -> Tone:
    bad = isinstance(shown.trend, Trend) and shown.trend.direction is Direction.DEGRADING
    return Tone.WARNING if bad else Tone.NEUTRAL
