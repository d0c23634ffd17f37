"""Several GraphQL documents as one: each one's root fields under names of its own, each one's variables too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors._kit.batching.single import Framed, Item, RefusedWhole, Single, parsed
from connectors._kit.described_wire import Batch
from connectors._kit.picking import at
from connectors._kit.wire import WireAnswer

TOKEN = re.compile(
    r'"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|\.\.\.|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\$?\w+|[,\s\ufeff]+|[^\w\s]'
)
NAME = re.compile(r"[A-Za-z_]\w*")
OPENING, CLOSING = frozenset("{(["), frozenset("})]")


@dataclass(frozen=True, slots=True)
class Document:
    """``kind``: query or mutation. ``variables``: what stands between the parentheses of its head, ``fields`` between the outer braces."""

    kind: str
    variables: tuple[str, ...]
    fields: tuple[str, ...]


def read_document(text: str) -> Document | None:
    """None for what cannot be put beside others: several operations, fragments, directives of the whole, a subscription."""
    words = [token for token in TOKEN.findall(text) if not token.startswith("#") and token.strip(", \t\r\n\ufeff")]
    if "..." in words or "{" not in words:
        return None
    begin = words.index("{")
    head, fields = words[:begin], words[begin + 1 : -1]
    if words[-1] != "}" or not _balanced(fields) or "@" in head:
        return None
    kind = head[0] if head else "query"
    opened = head.index("(") if "(" in head else len(head)
    if kind not in ("query", "mutation") or (opened < len(head) and head[-1] != ")"):
        return None
    return Document(kind, tuple(head[opened + 1 : -1]), tuple(fields))


def _balanced(words: Sequence[str]) -> bool:
    """Whether the outer braces are closed by the last word only."""
    depth = 0
    for word in words:
        depth += (word in OPENING) - (word in CLOSING)
        if depth < 0:
            return False
    return depth == 0


def joins(single: Single) -> bool:
    body = single.request.body
    if not isinstance(body, Mapping) or set(body) - {"query", "variables"} or not isinstance(body.get("query"), str):
        return False
    return read_document(body["query"]) is not None


def frame(batch: Batch, singles: Sequence[Single], root: str) -> Framed:
    documents = [_document(single) for single in singles]
    variables = [_renamed(document.variables, number) for number, document in enumerate(documents)]
    fields = " ".join(" ".join(_aliased(_renamed(document.fields, number), number)) for number, document in enumerate(documents))
    head = " ".join(word for words in variables for word in words)
    body: dict[str, Any] = {"query": f"{documents[0].kind} {f'({head}) ' if head else ''}{{ {fields} }}"}
    values = {
        f"{name}_{n}": value for n, single in enumerate(singles) for name, value in (single.request.body.get("variables") or {}).items()
    }
    return Framed(batch.path or singles[0].request.path, {**body, "variables": values} if values else body)


def _document(single: Single) -> Document:
    document = read_document(single.request.body["query"])
    assert document is not None  # ``joins`` saw to it
    return document


def _renamed(words: Sequence[str], number: int) -> list[str]:
    return [f"{word}_{number}" if word.startswith("$") and len(word) > 1 else word for word in words]


def _aliased(words: Sequence[str], number: int) -> Iterator[str]:
    """The words, with the fields at the top named ``a<number>_…``."""
    depth = 0
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        if depth == 0 and NAME.fullmatch(word) and before not in (":", "@"):
            named = place + 1 < len(words) and words[place + 1] == ":"
            yield f"a{number}_{word}" if named else f"a{number}_{word}: {word}"
        else:
            yield word
        depth += (word in OPENING) - (word in CLOSING)


def read(singles: Sequence[Single], answer: WireAnswer) -> Sequence[Item]:
    body = parsed(answer)
    if not isinstance(body, Mapping):
        return [None] * len(singles)
    if "data" not in body:
        raise RefusedWhole
    return [_item(body, number, answer) for number in range(len(singles))]


def _item(body: Mapping[str, Any], number: int, answer: WireAnswer) -> Item:
    prefix = f"a{number}_"
    data = body["data"] if isinstance(body["data"], Mapping) else {}
    said = body.get("errors")
    errors = [_own(error, prefix) for error in said or [] if str(_first(error)).startswith(prefix)] if isinstance(said, list) else []
    own = {name[len(prefix) :]: value for name, value in data.items() if name.startswith(prefix)}
    if not own and not errors:
        return None
    rest = {name: value for name, value in body.items() if name not in ("data", "errors")}
    found = {**rest, "data": own or None, **({"errors": errors} if errors else {})}
    return WireAnswer(answer.status, answer.headers, json.dumps(found).encode())


def _first(error: Any) -> Any:
    return at(error, "path.0")


def _own(error: Any, prefix: str) -> Any:
    path = error["path"]
    return {**error, "path": [str(path[0])[len(prefix) :], *path[1:]]}
