"""“Why is checkout slow?”: who is to blame, ranked, with the share and the reason of each; and an honest word when nothing hurts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final

from engine.commands.alerting import MOST_LOOKED_AT, OPEN, folded, incident_of, kept_of, meant, service_meant
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import NotFound
from engine.graph.blame.kept import SURE, Kept, surely
from engine.graph.blame.named import namer
from engine.graph.blame.told import percent
from engine.graph.blame.verdict import Suspect, Verdict
from engine.monitoring.alert import Alert
from engine.monitoring.incident import Incident

SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRootCause(Command):
    """``alert`` (id), or ``service``: a service, a component or a workflow; nothing: what is open now."""

    NAME: ClassVar[str] = "find_root_cause"
    SLASH: ClassVar[str] = "/alerts cause"
    HELP: ClassVar[str] = "What is to blame for what hurts now, with the share and the reason of each suspect."
    EXAMPLE: ClassVar[str] = "/alerts cause github"
    alert: str = ""
    service: str = ""
    severity: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if self.alert and not await house.store.alerts.get(self.alert.strip()):
            return await replace(self, alert="", service=self.alert).handle(house, asking)
        node = "" if self.alert else await _node(house, self.service) if self.service else ""
        if node and not await house.store.alerts.list(service=node, states=OPEN, limit=1):
            return done(await _without_alert(house, node))
        if not self.alert and not node and not folded(await house.store.alerts.list(states=OPEN, limit=MOST_LOOKED_AT))[0]:
            return done("Nothing hurts right now: there is no open alert. /alerts cause SERVICE looks at how its calls go.")
        alert = await meant(house, replace(self, service=node))
        if isinstance(alert, Outcome):
            return alert
        return done(await _of_incident(house, alert))


async def _node(house: House, said: str) -> str:
    """A component by its name, a service, or a workflow. Raises NotFound with the nearest names."""
    wanted = said.strip().casefold()
    map = house.map()
    found = next((id for id in map.components if wanted in (id.casefold(), map.label(id).casefold())), "")
    if found:
        return found
    try:
        return await service_meant(house, said)
    except NotFound as unknown:
        try:
            return (await house.workflow(said)).id
        except NotFound:
            raise unknown from None


async def _of_incident(house: House, alert: Alert) -> str:
    whole = incident_of(await house.store.alerts.of_incident(alert.leader), alert)
    kept = await kept_of(house.store, whole.id) or Kept()
    named = namer(house.map(), house.topology())
    if house.blaming is not None:
        kept = kept.found(await house.blaming.find(whole, denied=kept.noes))
    about = _about(whole, named(whole.lead.service) if whole.lead.service else whole.lead.rule.replace("_", " "))
    if not kept.suspects:
        return f"{about}: no suspect. {kept.doubt or 'Not enough data: neither flows nor alerts are known.'}"
    lines = [f"{about}: {named(kept.suspects[0].node)} is suspected first; that is {surely(kept.sure)}."]
    if kept.sure < SURE or kept.doubt:
        lines[0] += f" {kept.doubt}"
    lines += _ranked(kept.suspects, house)
    if said := kept.spoken(named):
        lines.append(said)
    lines.append(f"Was it that? /alerts cause {whole.id} is NAME, or: not NAME")
    return "\n".join(lines)


def _about(whole: Incident, lead: str) -> str:
    others = len(set(whole.services) - {""}) - 1
    return lead + (f" and {others} more" if others > 0 else "")


async def _without_alert(house: House, node: str) -> str:
    name = _name(house, node) if not node.startswith("wf_") else (await house.workflow(node)).name
    verdict: Verdict | None = await house.blaming.of_service(node) if house.blaming is not None else None
    if verdict is None or not verdict.suspects:
        return f"Nothing hurts as far as is known: {name} has no open alert, and what is asked of it does not stand out from the last three hours."
    lines = [f"{name} has no open alert, but it is not as it was in the last three hours. That is {surely(verdict.sure)}."]
    return "\n".join([*lines, *_ranked(verdict.suspects, house)])


def _ranked(suspects: tuple[Suspect, ...], house: House) -> list[str]:
    rows = [f"{place}. {_name(house, one.node)}: {percent(one.share)}. {one.because}" for place, one in enumerate(suspects[:SHOWN], 1)]
    return rows + ([f"… and {len(suspects) - SHOWN} more"] if len(suspects) > SHOWN else [])


def _name(house: House, node: str) -> str:
    return namer(house.map(), house.topology())(node)
