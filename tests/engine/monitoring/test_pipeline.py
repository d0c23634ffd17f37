"""The pipeline: each stage answers with a reason, and only beginnings can be held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.monitoring.alert import Alert, AlertState, Severity
from engine.monitoring.grouping.flapping import Flapping
from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.topology import Topology
from engine.monitoring.pipeline import STAGES, Scene, through
from engine.monitoring.route import Route, body_of, route_of
from engine.parties import Address
from tests.engine.clock import NOON
from tests.engine.commands.hall import an_alert

OPS, OTHER = Address("slack", "C1"), Address("discord", "7")
SHOP = Topology.of([("checkout", "payments")], names={"payments": "Payments"})
ROOT = an_alert("alr_0", "payments", NOON)
NAMES = ["group", "inhibit", "silence", "flap", "dedup", "route"]


@dataclass(frozen=True)
class Quiet:
    service: str
    because: str = "Ada wants quiet."

    def covers(self, alert: Alert, at: datetime) -> str:
        return self.because if alert.service == self.service else ""


def scene(**changes: Any) -> Scene:
    group = Group(ROOT.id).joined(ROOT, NOON)
    values: dict[str, Any] = {
        "now": NOON + timedelta(seconds=10),
        "groups": [group],
        "leads": {ROOT.id: ROOT},
        "topology": SHOP,
        "usual": [OPS],
    }
    return Scene(**(values | changes))


def one(service: str = "mail", **changes: Any) -> Alert:
    return an_alert("alr_9", service, NOON, **changes)


def outcomes(alert: Alert) -> dict[str, str]:
    return {ruling.stage: ruling.outcome for ruling in alert.trace}


def test_the_list_reads_as_it_is_documented() -> None:
    assert [stage.__name__ for stage in STAGES] == NAMES


def test_what_stands_alone_passes_all_of_them_and_is_sent() -> None:
    alert = through(one(), scene())
    assert outcomes(alert) == {**dict.fromkeys(NAMES, "passed"), "route": "sent"}
    assert alert.trace[-1].because == "To slack:C1: the usual place of alerts."
    assert all(ruling.because.endswith((".", ")")) for ruling in alert.trace)


def test_what_needs_an_open_one_joins_it_and_has_no_card_of_its_own() -> None:
    alert = through(one("checkout"), scene(told=frozenset({ROOT.id})))
    assert (alert.incident, alert.quiet) == (ROOT.id, "")
    assert [outcomes(alert)[stage] for stage in ("group", "inhibit", "dedup")] == ["joined"] * 3
    assert "the one of Payments tells it" in alert.trace[1].because


def test_a_persons_alert_and_the_one_about_our_network_always_stand_alone() -> None:
    assert through(one("checkout", rule="manual"), scene()).incident == ""
    assert through(one("payments", rule="network"), scene()).incident == ""


def test_the_first_reason_to_hold_it_is_the_one_that_people_read_and_the_others_are_kept() -> None:
    flapping = Flapping()
    for minute in range(5):
        flapping = flapping.opened(NOON - timedelta(minutes=minute))
    held = through(one(), scene(cut_off={("mail", "default"): "Our network."}, silences=[Quiet("mail")], flapping=flapping))
    assert held.quiet == "Our network."
    assert outcomes(held) == {"group": "passed", "inhibit": "held", "silence": "held", "flap": "held", "dedup": "passed", "route": "held"}


def test_our_network_does_not_explain_that_a_credential_is_refused() -> None:
    assert through(one(rule="credential"), scene(cut_off={("mail", "default"): "Our network."})).quiet == ""


def test_looked_at_again_it_keeps_its_incident_and_loses_its_reason() -> None:
    held = through(one("checkout"), scene(silences=[Quiet("checkout")]))
    again = through(held, scene(again=True, groups=[]))
    assert (held.quiet, again.quiet, again.incident) == ("Ada wants quiet.", "", ROOT.id)
    assert again.trace[0] == held.trace[0]


def test_who_took_the_incident_on_has_what_joins_it() -> None:
    lead = replace(ROOT, state=AlertState.ACKNOWLEDGED, acknowledged_by="Ada", acknowledged_actor="slack:U1")
    alert = through(one("checkout", severity=Severity.LOW), scene(leads={ROOT.id: lead}))
    assert (alert.state, alert.acknowledged_by, alert.acknowledged_actor) == (AlertState.ACKNOWLEDGED, "Ada", "slack:U1")


def test_routes_add_up_and_take_the_place_of_the_usual_one() -> None:
    routes = [Route("rou_1", (OTHER,), "mail"), Route("rou_2", (OTHER, OPS), severity="high"), Route("rou_3", (OPS,), "github")]
    alert = through(one(severity=Severity.HIGH), scene(routes=routes))
    assert alert.trace[-1].because == "To discord:7, slack:C1: the route of mail; high and worse."
    assert through(one(severity=Severity.LOW), scene(routes=routes)).trace[-1].because == "To discord:7: the route of mail."


def test_without_a_place_it_is_said_that_there_is_none() -> None:
    assert through(one(), scene(usual=())).trace[-1].outcome == "held"


@given(
    st.lists(st.sampled_from([OPS, OTHER]), min_size=1, max_size=3, unique=True),
    st.sampled_from(["", "mail"]),
    st.sampled_from(["", *Severity]),
)
def test_a_route_is_read_as_it_was_written(to: list[Address], service: str, severity: str) -> None:
    route = Route("rou_1", tuple(to), service, severity)
    assert route_of("rou_1", body_of(route)) == route


@given(
    service=st.sampled_from(["mail", "checkout", "payments"]), rule=st.sampled_from(["availability", "credential", "manual", "network"]),
    severity=st.sampled_from(Severity), cut=st.booleans(), quiet=st.booleans(), again=st.booleans(),
)  # fmt: skip
def test_whatever_stands_around_it_every_stage_says_something_and_being_quiet_has_a_reason(
    service: str, rule: str, severity: Severity, cut: bool, quiet: bool, again: bool
) -> None:
    around = scene(cut_off={(service, "default"): "Cut off."} if cut else {}, silences=[Quiet(service)] if quiet else [], again=again)
    alert = through(one(service, rule=rule, severity=severity), around)
    assert [ruling.stage for ruling in alert.trace] == NAMES
    assert bool(alert.quiet) == (alert.trace[-1].outcome == "held")
    assert through(alert, replace(around, again=True)).incident == alert.incident
