"""A structure made ready for questions: every node a number, every need a row of numbers, in both directions.

    hard_up  node  → those that cannot do without it; ``hard`` tells the same lines downwards
    choices  node  → its groups: requirements with something to spare, or that ride an impairment out
    options  group → its ways       members  way → nodes      parts    node → the ways it is part of

Numbers are given in the order of telling and stay. 100,000 nodes with 300,000 edges are read in one to two seconds, one more edge at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rapidfuzz import process

from engine.errors import Invalid, NotFound
from engine.graph.structure.model import MOST_EDGES, MOST_NODES, Node, Requirement, check_node, distinct
from engine.workflow.catalogue import did_you_mean, listed

Told = tuple[Requirement, tuple[tuple[str, ...], ...]]  # with its distinct ways

NEAR: Final = 30  # names that are looked at closely when one is misspelt
NOTHING: Final[list[Any]] = []  # shared by all rows that are empty, and never written to


@dataclass(slots=True, eq=False)
class Structure:
    """Who needs whom. Its rows are for reading; only ``join`` changes them, and ``revision`` counts how often it did."""

    most_nodes: int = MOST_NODES
    most_edges: int = MOST_EDGES
    revision: int = 0
    edges: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)  # runs an hour
    told: list[Requirement] = field(default_factory=list)
    latest: list[int] = field(default_factory=list)  # node → the last requirement told of it, -1 = none
    before: list[int] = field(default_factory=list)  # requirement → the one told before of the same node
    only: list[int] = field(default_factory=list)  # requirement → the one node that it cannot do without, -1 = none or several
    every: dict[int, list[int]] = field(default_factory=dict)  # requirement → the several nodes that it cannot do without
    hard_up: list[list[int]] = field(default_factory=list)
    choices: list[list[int]] = field(default_factory=list)
    parts: list[list[int]] = field(default_factory=list)
    members: list[tuple[int, ...]] = field(default_factory=list)
    group_of: list[int] = field(default_factory=list)
    options: list[range] = field(default_factory=list)
    owner: list[int] = field(default_factory=list)
    spare: list[int] = field(default_factory=list)  # of a group: how many of its ways may be closed
    titles: list[Requirement] = field(default_factory=list)  # of a group

    @classmethod
    def of(
        cls,
        nodes: Iterable[Node] = (),
        requirements: Iterable[Requirement] = (),
        *,
        most_nodes: int = MOST_NODES,
        most_edges: int = MOST_EDGES,
    ) -> Structure:
        """A node told twice is as told last; one that only a requirement names is a node by its id alone.

        Circles are allowed: what needs each other is up together as long as nothing outside the circle takes it down (the greatest fixpoint).
        Needs told twice and needs of oneself change nothing. Raises Invalid for what cannot be, and beyond the limits.
        """
        made = cls(most_nodes, most_edges)
        for node in nodes:
            check_node(node)
            made._take(node)
        made._connect((requirement, distinct(requirement)) for requirement in requirements)
        return made

    def join(self, nodes: Iterable[Node] = (), requirements: Iterable[Requirement] = ()) -> None:
        """These as well, in place: all of them, or Invalid and none. To take something out, build anew."""
        nodes = list(nodes)
        told: list[Told] = [(requirement, distinct(requirement)) for requirement in requirements]
        for node in nodes:
            check_node(node)
        named = {node.id for node in nodes} | {part for one, ways in told for part in (one.node, *(p for way in ways for p in way))}
        self._check_nodes(len(self.nodes) + sum(id not in self.numbers for id in named))
        self._check_edges(self.edges + sum(len(way) for _, ways in told for way in ways))
        for node in nodes:
            self._take(node)
        self._connect(told)
        self.revision += 1

    # --- names ---------------------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, id: object) -> bool:
        return id in self.numbers

    def number(self, id: str) -> int:
        """Raises NotFound with the nearest names."""
        found = self.numbers.get(id)
        if found is None:
            raise NotFound(f"Nothing here is called “{id[:60]}”.{self._nearest(id)}")
        return found

    def numbered(self, ids: Iterable[str]) -> list[int]:
        """Each once. Raises NotFound."""
        return list(dict.fromkeys(map(self.number, ids)))

    def find(self, text: str) -> str:
        """The id of what is meant by an id or a name, whatever its case. Raises NotFound, or Invalid where several have that name."""
        if text in self.numbers:
            return text
        wanted = text.strip().casefold()
        found = [node.id for node in self.nodes if wanted in (node.id.casefold(), node.name.casefold())] if wanted else []
        if len(found) > 1:
            raise Invalid(f"{len(found)} nodes are called “{text[:60]}”. Say which by its id: {listed(found[:5], 'or')}.")
        return found[0] if found else self.nodes[self.number(text)].id

    def needs(self, number: int) -> list[Requirement]:
        """The requirements of a node, in the order of telling."""
        return [self.told[place] for place in self._places(number)]

    def hard(self, number: int) -> list[int]:
        """What a node cannot do without; some perhaps more than once."""
        found: list[int] = []
        for place in self._places(number):
            if self.only[place] >= 0:
                found.append(self.only[place])
            elif place in self.every:
                found += self.every[place]
        return found

    def _places(self, number: int) -> list[int]:
        """Of its requirements. They are chained by numbers: a list for each node would cost as much again in building."""
        found, place = [], self.latest[number]
        while place >= 0:
            found.append(place)
            place = self.before[place]
        found.reverse()
        return found

    def _nearest(self, wanted: str) -> str:
        names = {node.id: node.called for node in self.nodes}
        names |= {node.name: node.name for node in self.nodes if node.name}
        near = process.extract(wanted[:120], list(names), limit=NEAR)
        return did_you_mean(wanted, {name: names[name] for name, _, _ in near})

    # --- reading in ------------------------------------------------------------------------------------------------------------

    def _check_nodes(self, count: int) -> None:
        if count > self.most_nodes:
            raise Invalid(f"That is more than {self.most_nodes:,} nodes; leave out those that nobody asks about.")

    def _check_edges(self, count: int) -> None:
        if count > self.most_edges:
            raise Invalid(f"That is more than {self.most_edges:,} needs; leave out nodes that nobody asks about.")

    def _take(self, node: Node) -> int:
        number = self.numbers.get(node.id)
        if number is not None:
            self.nodes[number], self.kinds[number], self.names[number], self.rates[number] = node, node.kind, node.called, node.per_hour
            return number
        number = len(self.nodes)
        self._check_nodes(number + 1)
        self.numbers[node.id] = number
        self.nodes.append(node)
        self.kinds.append(node.kind)
        self.names.append(node.called)
        self.rates.append(node.per_hour)
        self.latest.append(-1)
        self.hard_up.append(NOTHING)
        self.choices.append(NOTHING)
        self.parts.append(NOTHING)
        return number

    def _connect(self, told: Iterable[Told]) -> None:
        """Written out for the plain need, one way of one node: nearly all are like that, and each call would cost as much as the work."""
        numbers, only, hard_up, latest, before, requirements = self.numbers, self.only, self.hard_up, self.latest, self.before, self.told
        for requirement, ways in told:
            owner = numbers.get(requirement.node)
            if owner is None:
                owner = self._take(Node(requirement.node))
            before.append(latest[owner])
            latest[owner] = len(requirements)
            requirements.append(requirement)
            if len(ways) == 1 and len(ways[0]) == 1 and not requirement.absorbs:
                part = numbers.get(ways[0][0])
                if part is None:
                    part = self._take(Node(ways[0][0]))
                only.append(part)
                row = hard_up[part]
                if row:
                    row.append(owner)
                else:
                    hard_up[part] = [owner]
                self.edges += 1
            else:
                only.append(-1)
                self._connect_several(requirement, owner, ways)
            if self.edges > self.most_edges:
                self._check_edges(self.edges)

    def _connect_several(self, requirement: Requirement, owner: int, ways: Sequence[tuple[str, ...]]) -> None:
        numbers = self.numbers
        rows = [tuple([numbers[part] if part in numbers else self._take(Node(part)) for part in way]) for way in ways]
        self.edges += sum(map(len, rows))
        spare = len(rows) - requirement.at_least
        if not spare and not requirement.absorbs:  # all of all ways
            self.every[len(self.told) - 1] = parts = [part for row in rows for part in row]
            for part in parts:
                _put(self.hard_up, part, owner)
            return
        rows = [row for row in rows if row]  # a way that asks for nothing is always open, and the others have as much to spare
        if spare < len(rows):
            self._add_group(requirement, owner, rows, spare)

    def _add_group(self, requirement: Requirement, owner: int, rows: Sequence[tuple[int, ...]], spare: int) -> None:
        group, first = len(self.options), len(self.members)
        self.owner.append(owner)
        self.spare.append(spare)
        self.titles.append(requirement)
        self.options.append(range(first, first + len(rows)))
        _put(self.choices, owner, group)
        for way, row in enumerate(rows, first):
            self.members.append(row)
            self.group_of.append(group)
            for part in row:
                _put(self.parts, part, way)


def _put(rows: list[list[int]], number: int, value: int) -> None:
    """A row is its own list from its first entry on: empty ones by the hundred thousand cost a second of collecting rubbish."""
    row = rows[number]
    if row:
        row.append(value)
    else:
        rows[number] = [value]
