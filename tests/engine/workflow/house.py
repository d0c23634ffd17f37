"""The catalogue of the house as it ships: what is known, made exact by its connectors."""

from __future__ import annotations

from connectors._kit.shelf import Shelf
from engine.runtime.clock import SystemClock
from engine.workflow.catalogue import Catalogue
from engine.workflow.catalogue_data import KNOWN

CATALOGUE = Catalogue.merge(KNOWN, Shelf.open({}, clock=SystemClock()).services())
