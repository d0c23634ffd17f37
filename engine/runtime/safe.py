"""The safe: puts secrets into a call right before it leaves, and takes them out of whatever comes back, so that no fact ever holds one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote, quote_plus

from engine.errors import Invalid, NotFound, Rejected, SignalboxError, Transient
from engine.ports import Answer, Vault
from engine.workflow.definition import Json
from engine.workflow.secrets import SecretPart, composed, names_of

E = TypeVar("E", bound=SignalboxError)

PREFIX = "secret:"  # of the names that workflows may use; the vault also keeps what services are connected with
VALUE = "value"
LINE = 12  # characters of a line of a longer secret (a key file) that give it away by themselves
SHORTEST = 4  # characters; a shorter one could not be told from ordinary text when it is taken out of an answer


class Cover:
    """Replaces the values of secrets by their names, wherever they turn up and however they were quoted on the way."""

    def __init__(self, values: Mapping[str, str]) -> None:
        spellings = {form: name for name, value in values.items() for form in _spellings(value) if len(form) >= SHORTEST}
        self._names = sorted(spellings.items(), key=lambda pair: -len(pair[0]))

    def text(self, said: str) -> str:
        for value, name in self._names:
            if value in said:
                said = said.replace(value, f"[secret {name}]")
        return said

    def value(self, said: Json) -> Json:
        if isinstance(said, str):
            return self.text(said)
        if isinstance(said, dict):
            return {self.text(key): self.value(inner) for key, inner in said.items()}
        return [self.value(inner) for inner in said] if isinstance(said, list) else said

    def over(self, outcome: Answer | SignalboxError | None) -> Answer | SignalboxError | None:
        if isinstance(outcome, Answer):
            return replace(outcome, output=self.value(outcome.output))
        return None if outcome is None else self._error(outcome)

    def _error(self, error: E) -> E | SignalboxError:
        told = self.text(str(error))
        if told == str(error):
            return error
        if isinstance(error, Transient):
            return Transient(told, error.retry_after)
        return Invalid(told) if isinstance(error, Invalid) else type(error)(told)


def _spellings(value: str) -> Iterable[str]:
    """As it is, line by line, and as URLs, JSON and Python write it down."""
    whole = {value, value.strip(), *(line.strip() for line in value.splitlines() if len(line.strip()) >= LINE)}
    for one in tuple(whole):
        whole |= {quote(one), quote(one, safe=""), quote_plus(one), json.dumps(one)[1:-1], json.dumps(one, ensure_ascii=False)[1:-1]}
        whole |= {repr(one)[1:-1], ascii(one)[1:-1]}
    return whole


class Safe:
    """Over the house's vault. Values are read for each call anew: a secret that was changed counts from the next ask on."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def put_in(self, arguments: Mapping[str, Json], parts: Sequence[SecretPart]) -> tuple[dict[str, Json], Cover]:
        """The arguments as the service gets them. Raises Rejected for a secret that is not kept, saying how to keep it."""
        values = {name: await self.value(name) for name in names_of(parts)}
        return composed(arguments, parts, values), Cover(values)

    async def value(self, name: str) -> str:
        kept = await self._vault.get(PREFIX + name)
        if kept is None:
            raise Rejected(f"There is no secret “{name}”. Put it in with: python main.py secret set {name}")
        return kept[VALUE]

    async def put(self, name: str, value: str) -> None:
        """Raises Rejected for a name that definitions cannot say, and for what is too short to be taken out of answers again."""
        check_name(name)
        if len(value) < SHORTEST:
            raise Rejected(f"A secret has at least {SHORTEST} characters.")
        await self._vault.put(PREFIX + name, {VALUE: value})

    async def names(self) -> list[str]:
        return [name.removeprefix(PREFIX) for name in await self._vault.names() if name.startswith(PREFIX)]

    async def forget(self, name: str) -> None:
        """Raises NotFound when there is none of that name."""
        if name not in await self.names():
            raise NotFound(f"There is no secret “{name}”.")
        await self._vault.forget(PREFIX + name)


def check_name(name: str) -> None:
    if not (name.isascii() and name.isidentifier() and len(name) <= 64):
        raise Rejected(
            f"“{name[:64]}” cannot name a secret: use letters, digits and _, and begin with a letter; a definition says {{{{secrets.name}}}}."
        )
