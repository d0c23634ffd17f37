"""The slash commands that Slack offers; manifest.yml must list exactly these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Root:
    """One slash command as Slack shows it while somebody types."""

    command: str
    description: str
    hint: str = ""


ROOTS: tuple[Root, ...] = (
    Root("/signalbox", "Say anything to Signalbox in your own words, or help", "WORDS | help | admin @you"),
    Root("/flow", "Make, run and watch workflows", "create | list | show | run | pause | resume | edit | delete | history | approve | retry | cancel | templates"),
    Root("/health", "How the connected services are doing", "[service] [forecast | metric]"),
    Root("/slo", "What is promised of services, and what is left of their error budgets", "[service | set service 99.5% | remove service]"),
    Root("/analytics", "What workflows did, saved and cost, and what changed", "[workflow | service name | team name] [this week | 30 days]"),
    Root("/predict", "Will it work? How the next run of a workflow will go", "[workflow [when] | calibration | improve workflow]"),
    Root("/alerts", "What is wrong right now", "[open | mine | service:name] | snooze | escalate | unack | reopen | note | maintenance | raise"),
    Root("/ack", "Take an alert: others see that you are on it", "[alert or service]"),
    Root("/resolve", "Close an alert", "[alert or service]"),
    Root("/impact", "Which workflows break when a service is down", "service"),
    Root("/deps", "Who needs whom, and what is known of it", "[name] | add | remove | owner | tier | alternative | fallback | history | suggestions | import | export | check"),
    Root("/oncall", "Who is on call, and who stands in", "[rota] | take | override | set | remove"),
    Root("/escalation", "Who is called when nobody takes an alert", "set critical: rota ops, 10m @ada, 20m #ops-leads | remove"),
    Root("/connect", "Connect an account of a service", "service [as name] [off]"),
    Root("/service", "One service: its account, health and workflows", "name | best KIND | metrics | metric add … | metric remove …"),
    Root("/doctor", "What is configured, what is missing and what to do about it"),
)
