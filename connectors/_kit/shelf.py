"""The shelf: every connector of this folder, found by walking it, joined with its account; fulfils Actions, Connections and Hooks."""

from __future__ import annotations

import importlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import httpx2

from connectors._kit.accounts import DEFAULT
from connectors._kit.authorizing import Proving
from connectors._kit.connector import Connector
from connectors._kit.content import PretendedFiles, opened
from connectors._kit.credentials import MODES, Credentials
from connectors._kit.custom import Custom, Provider
from connectors._kit.description import Limits, Operation, Timeouts
from connectors._kit.desk import Desk, secret_setting
from connectors._kit.egress import OpenWeb, Resolve, resolve_by_system
from connectors._kit.examining import Examining
from connectors._kit.failures import Throttled
from connectors._kit.inputs import check_arguments
from connectors._kit.joined import Joined
from connectors._kit.lane import batching
from connectors._kit.performing import Live
from connectors._kit.places import Place as Place
from connectors._kit.places import Places
from connectors._kit.reading import read_connector
from connectors._kit.sandbox import Dice, ExampleSandbox, Tell, example_answer
from connectors._kit.status_page import StatusPages
from connectors._kit.ways import Around, authorizer_of
from connectors._kit.wire import Wire
from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.monitoring.sample import Outcome, Sample, Source
from engine.ports import Account, Answer, Budget, Call, Clock, Files, Finding, HookReply, Leases, Speaker, Standing, Things, Tokens, Vault
from engine.workflow.catalogue import Service
from engine.workflow.definition import Json

ROOM = Path(__file__).resolve().parent.parent
ALLOW_PRIVATE = "SIGNALBOX_HTTP_ALLOW_PRIVATE"
LARGEST_OPEN_ANSWER = 1024 * 1024  # bytes; it becomes a fact of the run

log = logging.getLogger(__name__)


class SettingLine(NamedTuple):
    """One environment variable that connectors read; ``secret`` ones are never shown."""

    name: str
    meaning: str
    secret: bool


@cache
def find_connectors() -> tuple[Connector, ...]:
    """Every folder with a ``connector.yml``, by name; read once a process, their examples when they are needed. Raises Invalid with what is wrong in one."""
    folders = sorted(path.parent for path in ROOM.glob("*/connector.yml"))
    return tuple(read_connector(folder, _custom(folder), later=True) for folder in folders)


def _custom(folder: Path) -> Custom:
    if not (folder / "hooks.py").exists():
        return Custom()
    module = importlib.import_module(f"connectors.{folder.name}.hooks")  # noqa: TID251  # connectors are found by walking, here and nowhere else
    custom: Custom = module.CUSTOM
    return custom


class Shelf:
    """Use ``open``. ``sandbox`` fulfils ``ports.Sandbox``. Must be closed."""

    def __init__(
        self,
        places: Places,
        services: Sequence[Service],
        sandbox: ExampleSandbox,
        clock: Clock,
        joined: Joined,
        *,
        staged: bool = False,
    ) -> None:
        self.sandbox = sandbox
        self._staged = staged
        self._places = places
        self._services = tuple(services)
        self._clock = clock
        self._joined = joined
        self._status_pages = StatusPages(clock, places.transport)

    @classmethod
    def open(
        cls,
        environ: Mapping[str, str],
        *,
        clock: Clock,
        sandbox_mode: str = "missing",
        speaker: Speaker | None = None,
        providers: Mapping[str, Provider] = MappingProxyType({}),
        transport: httpx2.AsyncBaseTransport | None = None,
        resolve: Resolve = resolve_by_system,
        connectors: Sequence[Connector] | None = None,
    ) -> Shelf:
        """Read every connector and what ``environ`` says of its accounts; what the vault has of them comes by ``take_up``. Nothing is connected yet.

        ``speaker`` says what ``chat`` posts; ``providers`` make what ``signalbox`` reports, by operation; both may come later through ``join``.
        ``transport`` and ``resolve`` replace the network. Raises Invalid for a broken connector, Rejected for an unknown ``sandbox_mode``.
        """
        if sandbox_mode not in MODES:
            raise Rejected(f"SIGNALBOX_SANDBOX is “{sandbox_mode}”; it must be one of {', '.join(MODES)}.")
        joined = Joined(speaker, providers)
        connectors = find_connectors() if connectors is None else connectors
        build = partial(_place, environ=environ, clock=clock, joined=joined, web=_open_web(environ, resolve), transport=transport)
        places = Places(connectors, environ, sandbox_mode, build, clock, transport=transport)
        services = [place.connector.service(place.credentials.values) for place in places.values()]
        sandboxed = {id_: place.connector.description.name for id_, place in places.items() if place.account.mode == "sandbox"}
        return cls(places, services, ExampleSandbox(sandboxed, clock), clock, joined)

    @classmethod
    def rehearsal(
        cls,
        environ: Mapping[str, str],
        *,
        clock: Clock,
        speaker: Speaker,
        providers: Mapping[str, Provider],
        dice: Dice | None = None,
        accounts: Sequence[Account] = (),
    ) -> Shelf:
        """A shelf that reaches nobody, whatever credentials are set: every service answers from its sandbox, and the house's own two
        (``chat``, ``signalbox``) can be made to fail like the others. Reports without a provider are those of the examples.
        """
        joined = Joined(speaker, providers)
        joined.files = PretendedFiles(clock)
        connectors = find_connectors()
        secret = {setting.name for c in connectors for setting in c.description.settings.values() if setting.secret}
        known = {name: value for name, value in environ.items() if name.partition("__")[0] not in secret}
        web = OpenWeb(Timeouts(), Limits(), allow_private=False, resolve=_resolve_nothing)
        build = partial(_place, environ=known, clock=clock, joined=joined, web=web, transport=Nowhere())
        places = Places(connectors, known, "all", build, clock, accounts=accounts)
        services = [place.connector.service(place.credentials.values) for place in places.values()]
        names = {c.id: c.description.name for c in connectors}
        return cls(places, services, ExampleSandbox(names, clock, dice), clock, joined, staged=True)

    def join(self, *, speaker: Speaker | None = None, providers: Mapping[str, Provider] | None = None, vault: Vault | None = None) -> None:
        """Hand in what could only be built after the shelf."""
        self._joined.speaker = speaker or self._joined.speaker
        self._joined.vault = vault or self._joined.vault
        self._joined.providers = self._joined.providers if providers is None else providers

    def lend(
        self, *, files: Files | None = None, things: Things | None = None, tell: Tell | None = None, tokens: Tokens | None = None
    ) -> None:
        """Where files are kept, where the sandbox remembers, and who hears of what its deeds set off. ``tokens``: the services' limits are
        kept over all processes of the house."""
        self._joined.tokens = tokens or self._joined.tokens
        self._joined.files = files or self._joined.files
        self.sandbox.join(things=things, tell=tell)

    async def close(self) -> None:
        await self._status_pages.close()
        await self._places.close()

    async def take_up(self, vault: Vault, leases: Leases | None = None) -> None:
        """Join the accounts that the vault keeps, and their tokens. ``leases``: where several processes share it, one of them fetches a token."""
        self._joined.vault, self._joined.leases = vault, leases
        await self._places.take_up(vault)

    async def reread(self, service: str = "") -> None:
        """What the vault has was changed, here or by another process; without a service anything may have been."""
        if self._joined.vault is not None:
            await self._places.take_up(self._joined.vault, service)

    # --- Actions -------------------------------------------------------------------------------------------------------

    async def perform(self, call: Call) -> Answer:
        """Raises Rejected, Transient or Unanswered; no text of theirs holds a secret."""
        place = self._place(call.service, call.account)
        operation = place.connector.operation(call.operation)
        arguments = check_arguments(f"{call.service}.{call.operation}", operation, call.arguments, place.credentials.values)
        if place.account.mode == "off":
            raise Rejected(f"{place.connector.description.name} is not connected. {place.account.missing}")
        arguments = await opened(operation, arguments, self._joined.the_files)
        if place.account.mode == "sandbox":
            prepared = await place.live.prepared_offline(call, arguments)
            return await self.sandbox.answer(place.connector, operation, call, {**arguments, **prepared})
        if self._staged:
            return await self.sandbox.staged(place.connector.id, operation, call, lambda: self._on_stage(place, call, operation, arguments))
        return await self._live(place, call, operation, arguments)

    async def _on_stage(self, place: Place, call: Call, operation: Operation, arguments: Mapping[str, Json]) -> Answer:
        """The house itself in a rehearsal: what it does is done for real, on that stage; what it reports is an example."""
        if operation.writes or call.operation in self._joined.providers:
            return await self._live(place, call, operation, arguments)
        return example_answer(place.connector, call, arguments)

    async def _live(self, place: Place, call: Call, operation: Operation, arguments: Mapping[str, Json]) -> Answer:
        try:
            answer = await place.live.perform(call, operation, arguments)
            return replace(answer, output=place.credentials.scrubbed(answer.output))
        except SignalboxError as err:
            _scrub(err, place.credentials)
            raise
        except Exception as err:
            # A fault of ours in a connector: what it did is not known, and whoever drives the run must not die of it.
            log.exception("%s.%s failed inside Signalbox", call.service, call.operation)
            raise Unanswered(
                f"{call.service}.{call.operation} failed inside Signalbox ({type(err).__name__}); the log tells more."
            ) from err

    async def look(self, call: Call) -> Answer | None:
        """See ``ports.Actions``."""
        place = self._place(call.service, call.account)
        operation = place.connector.operation(call.operation)
        arguments = check_arguments(f"{call.service}.{call.operation}", operation, call.arguments, place.credentials.values)
        if place.account.mode == "off":
            raise Rejected(f"{place.connector.description.name} is not connected, so it cannot be asked. {place.account.missing}")
        if place.account.mode == "sandbox" or self._staged:
            return await self.sandbox.look(place.connector.id, call)
        arguments = await opened(operation, arguments, self._joined.the_files)
        try:
            found = await place.live.look(call, operation, arguments)
            return found and replace(found, output=place.credentials.scrubbed(found.output))
        except SignalboxError as err:
            _scrub(err, place.credentials)
            raise
        except Exception as err:
            log.exception("looking at %s.%s failed inside Signalbox", call.service, call.operation)
            raise Transient(f"The look at {call.service} failed inside Signalbox ({type(err).__name__}); the log tells more.") from err

    def looks(self, service: str, operation: str) -> bool:
        """False as well for what does not exist."""
        place = self._places.get(service)
        if place is None or operation not in place.connector.description.operations or place.account.mode == "off":
            return False
        return place.account.mode == "sandbox" or self._staged or place.live.looks(operation)

    # --- Connections ---------------------------------------------------------------------------------------------------

    def services(self) -> Sequence[Service]:
        return self._services

    def accounts(self) -> Sequence[Account]:
        return tuple(place.account for place in self._places.all())

    def example_event(self, service: str, event: str) -> Mapping[str, Json]:
        place = self._places.get(service)
        told = place.connector.examples.triggers.get(event) if place else None
        return dict(told.event) if told else {}

    def budget(self, service: str) -> Sequence[Budget]:
        """See ``ports.Connections``."""
        return tuple(row for place in self._places.of(service) for row in place.live.budget())

    async def standing(self, service: str) -> Standing | None:
        place = self._places.get(service)
        if place is None or place.account.mode != "live" or place.connector.description.house or not place.connector.description.probed:
            return None
        return await self._status_pages.standing(place.connector.description, place.credentials)

    async def probe(self, account: Account) -> Sample:
        """One cheap read; ``latency`` is real seconds, or those a fault on purpose took."""
        place = self._place(account.service, account.name)
        started = time.perf_counter()
        outcome, detail, held_up = await self._try(place)
        return Sample(
            service=account.service,
            account=account.name,
            at=self._clock.now(),
            source=Source.PROBE,
            outcome=outcome,
            latency=max(time.perf_counter() - started, held_up),
            detail=detail,
            operation="probe",
            sandbox=place.account.mode == "sandbox",
        )

    async def _try(self, place: Place) -> tuple[Outcome, str, float]:
        try:
            if place.account.mode == "off":
                return Outcome.MISCONFIGURED, place.account.missing, 0.0
            if place.account.mode == "sandbox":
                return Outcome.OK, "", await self.sandbox.suffer(place.connector.id, may_repeat=True)
            await place.live.probe()
        except SignalboxError as err:
            kind = (
                Outcome.THROTTLED if isinstance(err, Throttled) else Outcome.MISCONFIGURED if isinstance(err, Rejected) else Outcome.ERROR
            )
            return kind, place.credentials.scrub(str(err)), 0.0
        return Outcome.OK, "", 0.0

    async def examine(self) -> list[Finding]:
        """What the doctor says of each account, and of webhooks that are refused."""
        return await Examining(self._places, self.probe, self.standing).findings()

    def settings(self) -> tuple[SettingLine, ...]:
        """Every environment variable the connectors read, each once."""
        lines = [SettingLine(ALLOW_PRIVATE, "true lets http.request call this machine and its own network", False)]
        for place in self._places.values():
            said = place.connector.description
            lines += [
                SettingLine(s.name, s.meaning + (f"; default {s.default}" if s.default else ""), s.secret) for s in said.settings.values()
            ]
            if said.webhooks:
                lines.append(SettingLine(secret_setting(said.id), said.webhooks.secret_meaning, True))
        return tuple(lines)

    # --- Hooks ---------------------------------------------------------------------------------------------------------

    async def receive(
        self,
        service: str,
        account: str,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        query: Mapping[str, str] | None = None,
        url: str = "",
    ) -> HookReply:
        """See ``Desk.receive``. ``account`` may be a name that is no account's, where it has a secret of its own or any name will do (``http``);
        what is proven by the service's one secret is the same delivery under every other name."""
        self._places.connector(service)
        place = self._places.named(service, account)
        if place is None:
            place = self._places[service]
            account = account if place.desk.knows(account) else DEFAULT
        return await place.desk.receive(account, method, headers, body, query=query, url=url)

    @property
    def places(self) -> Places:
        """Every account of every connector, for what else of this room speaks for them."""
        return self._places

    def _place(self, service: str, account: str = "") -> Place:
        return self._places.choose(service, account)


def _place(
    connector: Connector,
    credentials: Credentials,
    *,
    environ: Mapping[str, str],
    clock: Clock,
    joined: Joined,
    web: OpenWeb,
    transport: httpx2.AsyncBaseTransport | None,
    passing: Vault | None = None,
) -> Place:
    said = connector.description
    wire = Wire(said.name, credentials.get("base_url"), said.timeouts, said.limits, transport)
    around = Around(vault=lambda: passing or joined.vault or joined.passing, clock=clock, leases=lambda: joined.leases, transport=transport)
    proving = Proving(wire, authorizer_of(connector, credentials, around, lambda: live.tools), said, clock)
    live = Live(
        connector,
        credentials,
        proving,
        web,
        clock,
        joined.the_speaker,
        joined.the_providers,
        joined.the_files,
        tokens=lambda: joined.tokens,
        batching=batching(environ),
    )
    desk = Desk(connector, credentials, environ, clock, lambda account: live.tools, joined.the_vault)
    return Place(connector, credentials, live, desk, wire, proving)


def _scrub(error: SignalboxError, credentials: Credentials) -> None:
    error.args = tuple(credentials.scrub(part) if isinstance(part, str) else part for part in error.args)


class Nowhere(httpx2.AsyncBaseTransport):
    """The network of a rehearsal."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        raise Rejected("A rehearsal reaches nobody.")


async def _resolve_nothing(host: str, port: int) -> list[str]:
    raise Rejected("A rehearsal reaches nobody.")


def _open_web(environ: Mapping[str, str], resolve: Resolve) -> OpenWeb:
    allow = environ.get(ALLOW_PRIVATE, "").strip().lower() in ("1", "true", "yes", "on")
    return OpenWeb(Timeouts(), Limits(answer_bytes=LARGEST_OPEN_ANSWER), allow_private=allow, resolve=resolve)
