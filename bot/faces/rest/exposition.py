"""The house in numbers as Prometheus and OpenMetrics read them; the only importer of prometheus_client.

What is counted by account is bounded by the accounts there are; nothing here holds a text from outside, and labels are escaped by the library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

PREFIX = "signalbox_"
OPENMETRICS = "application/openmetrics-text"


@dataclass(frozen=True, slots=True)
class Line:
    """``labels``: values in the order of the family's names."""

    labels: tuple[str, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Family:
    """``counter``: it only ever grows while the process lives, and its name gets ``_total`` at the end."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    lines: Sequence[Line] = ()
    counter: bool = False


@dataclass(frozen=True, eq=False)  # known by what it is: the registry keeps it in a dictionary
class Scrape(Collector):
    """Everything at one moment."""

    families: Sequence[Family] = field(default_factory=tuple)

    def collect(self) -> Iterator[Metric]:
        for family in self.families:
            kind = CounterMetricFamily if family.counter else GaugeMetricFamily
            metric = kind(PREFIX + family.name, family.help, labels=family.labels)
            for line in family.lines:
                metric.add_metric(line.labels, line.value)
            yield metric


def counted(name: str, help: str, labels: tuple[str, ...], counts: Iterable[tuple[tuple[str, ...], float]]) -> Family:
    return Family(name, help, labels, [Line(key, count) for key, count in sorted(counts)], counter=True)


def measured(name: str, help: str, labels: tuple[str, ...], lines: Iterable[tuple[tuple[str, ...], float]]) -> Family:
    return Family(name, help, labels, [Line(key, value) for key, value in lines])


def written(scrape: Scrape, accept: str) -> tuple[bytes, str]:
    """The text and its media type: OpenMetrics where ``accept`` asks for it, else the text format of Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(scrape)
    # The library stumbles over versions that are none, and answers in the one it was asked for; there is one that everybody reads.
    wanted = any(part.partition(";")[0].strip() == OPENMETRICS for part in accept.split(","))
    encoder, media = choose_encoder(f"{OPENMETRICS}; version=1.0.0" if wanted else "")
    return encoder(registry), media
