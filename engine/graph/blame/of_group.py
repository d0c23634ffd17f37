"""What is to blame for a group of alerts, asked with what grouping knows: its members, its topology."""

from __future__ import annotations

from collections.abc import Callable, Collection

from engine.graph.blame.blame import Hurt, blame
from engine.graph.blame.cone import Needs
from engine.graph.blame.memory import Memory
from engine.graph.blame.verdict import Verdict
from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.spreading import evidence
from engine.monitoring.grouping.topology import Topology


def blame_of(
    group: Group,
    topology: Topology,
    *,
    flows: Verdict | None = None,
    watched: Collection[str] | None = None,
    memory: Memory | None = None,
    target: str = "",
    denied: Collection[str] = (),
    named: Callable[[str], str] = str,
) -> Verdict:
    """Like ``blame``: the members that tell something about others are what hurts, the topology's needs are the lines."""
    hurts = [Hurt(seen.service, seen.after) for seen in evidence(group)]
    needs = Needs(topology.needs, topology.needed_by)
    return blame(lines=needs, hurts=hurts, flows=flows, watched=watched, memory=memory, target=target, denied=denied, named=named)
