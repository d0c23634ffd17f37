"""What a definition must keep beyond its shape. Every fault is a Problem with its path.

order (ids, needs, circles) ─▶ expressions (what each sees, and of which type) ─▶ catalogue (services, events, actions, inputs) ─▶ policies
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import Problem
from engine.workflow.catalogue import Catalogue
from engine.workflow.checks_catalogue import catalogue_faults
from engine.workflow.checks_expressions import expression_faults
from engine.workflow.checks_order import order_faults
from engine.workflow.checks_policy import policy_faults
from engine.workflow.definition import Definition


def faults(definition: Definition, catalogue: Catalogue | None) -> Iterator[Problem]:
    """All of them. Without a catalogue, as for what is stored already, only what no run could be driven with."""
    yield from order_faults(definition)
    yield from expression_faults(definition, catalogue)
    if catalogue is not None:
        yield from catalogue_faults(definition, catalogue)
        yield from policy_faults(definition, catalogue)
