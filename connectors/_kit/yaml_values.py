"""YAML as plain values: the safe loader's own reading, with its commonest cases in one short walk instead of many small generators."""

from __future__ import annotations

from typing import Any

import yaml

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same in C where it is built in
_MERGE = "tag:yaml.org,2002:merge"
_TEXT, _LIST, _GROUP = "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"


class _Walk(_BASE):  # type: ignore[misc]
    """Texts, lists and groups are built here; everything else, and whatever is odd, as the safe loader does."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._tags: dict[str, str] = {}

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """What a plain word is (a text, a number, true) is found out once."""
        if kind is not yaml.ScalarNode or not implicit[0]:
            return super().resolve(kind, value, implicit)
        tag = self._tags.get(value)
        if tag is None:
            tag = self._tags[value] = super().resolve(kind, value, implicit)
        return tag

    def construct_document(self, node: Any) -> Any:
        self._built: dict[Any, Any] = {}
        return self._value(node)

    def _value(self, node: Any) -> Any:
        tag = node.tag
        if tag == _TEXT and type(node) is yaml.ScalarNode:
            return node.value
        if node in self._built:  # an alias
            return self._built[node]
        if tag == _GROUP and type(node) is yaml.MappingNode:
            if any(key.tag == _MERGE for key, _ in node.value):
                self.flatten_mapping(node)
            group: dict[Any, Any] = {}
            self._built[node] = group
            for key, value in node.value:
                group[self._key(key)] = self._value(value)
            return group
        if tag == _LIST and type(node) is yaml.SequenceNode:
            items: list[Any] = []
            self._built[node] = items
            items += [self._value(item) for item in node.value]
            return items
        value = self._built[node] = super().construct_object(node, deep=True)
        return value

    def _key(self, node: Any) -> Any:
        if type(node) is not yaml.ScalarNode:
            raise yaml.constructor.ConstructorError(None, None, "a key must be a plain value", node.start_mark)
        return self._value(node)


def yaml_values(text: str) -> Any:
    """Raises ``yaml.YAMLError``."""
    return yaml.load(text, _Walk)  # noqa: S506  # a safe loader
