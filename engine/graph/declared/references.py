"""References to entities of a Backstage catalogue: ``[kind:][namespace/]name``, with what is left out filled in."""

from __future__ import annotations

from dataclasses import dataclass

from engine.graph.declared.names import id_of

DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True, slots=True)
class Reference:
    """All in lower case, as Backstage compares them. ``kind`` "" where neither text nor context says it."""

    kind: str
    namespace: str
    name: str

    @property
    def id(self) -> str:
        """Its id in the map: the name, with its namespace unless it is the default one; APIs, systems and teams keep their kind before it."""
        name = id_of(self.name if self.namespace == DEFAULT_NAMESPACE else f"{self.namespace}/{self.name}")
        return f"{_PREFIX[self.kind]}:{name}" if self.kind in _PREFIX and name else name


# Components and resources share their names with other catalogues, so they go without; a component and its API often have one name.
_PREFIX = {"api": "api", "system": "system", "domain": "domain", "group": "team", "user": "user"}


def parse_reference(text: str, kind: str = "", namespace: str = DEFAULT_NAMESPACE) -> Reference | None:
    """None where the text has not this form. ``kind`` and ``namespace`` fill in what it leaves out."""
    colon, slash = text.find(":"), text.find("/")
    if slash != -1 and slash < colon:
        colon = -1  # what stands behind the slash is all name
    named_kind = text[:colon] if colon != -1 else kind
    named_space = text[colon + 1 : slash] if slash != -1 else namespace
    name = text[max(colon + 1, slash + 1) :]
    if not name.strip() or (colon != -1 and not named_kind.strip()) or (slash != -1 and not named_space.strip()):
        return None
    return Reference(named_kind.strip().lower(), (named_space.strip() or DEFAULT_NAMESPACE).lower(), name.strip().lower())
