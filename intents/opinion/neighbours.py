"""What people here confirmed before, found again by likeness."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from intents.opinion import features
from intents.opinion.tokens import services_of, tokens_of
from intents.opinion.view import Example, Neighbour


class Examples:
    """Confirmed sentences, made ready once; never changed. The last of two with the same words counts."""

    def __init__(self, examples: Iterable[Example] = ()) -> None:
        self.all = tuple({example.text.strip().lower(): example for example in examples}.values())
        self._holders: dict[int, list[int]] = defaultdict(list)
        self._sizes: list[int] = []
        self._services: list[frozenset[str]] = []
        for number, example in enumerate(self.all):
            tokens = tokens_of(example.text)
            found = features.sentence(tokens)
            self._sizes.append(len(found))
            self._services.append(frozenset(services_of(tokens)))
            for feature in found:
                self._holders[feature].append(number)

    def without(self, texts: Iterable[str]) -> Examples:
        """All but these (forgotten)."""
        gone = {text.strip().lower() for text in texts}
        return Examples(example for example in self.all if example.text.strip().lower() not in gone)

    def near(self, found: features.Features, services: frozenset[str], most: int = 3) -> tuple[Neighbour, ...]:
        """The likest that name the same services, best first."""
        shared: Counter[int] = Counter(number for feature in found for number in self._holders.get(feature, ()))
        alike = [
            Neighbour(self.all[number], round(count / math.sqrt(self._sizes[number] * len(found)), 4))
            for number, count in shared.items()
            if self._services[number] == services
        ]
        return tuple(sorted(alike, key=lambda neighbour: (-neighbour.likeness, neighbour.example.text))[:most])
