"""The composition root: reads the settings, builds the rooms, joins them, runs and stops them; and the command line."""

from __future__ import annotations

import gc
import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Loading the rooms takes a second; Ctrl-C ends it without a word, and belongs to main() from then on.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

if __name__ == "__main__":
    gc.set_threshold(100_000, 20, 20)  # what is loaded now stays: looking for rubbish among it prolongs the start

import asyncio
import contextlib
import getpass
import io
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.announce import HousePostman
from bot.conversation import HouseConversation
from bot.faces.face import Face
from bot.faces.mail.face import MailFace
from bot.faces.terminal.files import documents, named_files, write_files
from bot.groups import PlatformGroups
from bot.overhearing import HouseOverhearing
from connectors._kit.connecting import People
from connectors._kit.feeds import Feeds
from connectors._kit.heartbeat import Beacon
from connectors._kit.registering import Registrar
from connectors._kit.shelf import Shelf
from engine.commands.house import House
from engine.commands.reports import Reports
from engine.errors import Invalid, Problem, Rejected, SignalboxError
from engine.events import AccountChanged
from engine.graph.impact import AffectedWorkflow, Impact
from engine.parties import Address
from engine.ports import Account, Actions, Call, Clock, Finding, Model, NoTelemetry, Speaker, Store
from engine.runtime.adviser import Adviser
from engine.runtime.alerts import Alerting
from engine.runtime.announcer import Announcer
from engine.runtime.atlas import Atlas, History
from engine.runtime.blaming import Blaming
from engine.runtime.bus import Bus
from engine.runtime.calls import Calls, Noting
from engine.runtime.clock import SystemClock
from engine.runtime.clockwork import Clockwork
from engine.runtime.closures import Closures
from engine.runtime.counting import CountedActions
from engine.runtime.dispatcher import Dispatcher
from engine.runtime.distributed.machines import Machines, desks
from engine.runtime.distributed.workers import Workers, parent_gone
from engine.runtime.folding import Folding
from engine.runtime.forecaster import Forecaster
from engine.runtime.foreteller import Foreteller
from engine.runtime.gauges import Gauges
from engine.runtime.guard import Guard
from engine.runtime.heartbeat import EVERY as BEAT
from engine.runtime.heartbeat import Heartbeat
from engine.runtime.house_measures import HouseMeasures
from engine.runtime.housekeeping import Housekeeping
from engine.runtime.keeper import Keeper
from engine.runtime.limits import SetLimits
from engine.runtime.maintenance import Maintenance
from engine.runtime.measuring import Measuring
from engine.runtime.model_asks import WithModel
from engine.runtime.model_book import HouseModelBook
from engine.runtime.monitor import Monitor
from engine.runtime.poller import Poller
from engine.runtime.reconciler import EVERY as RECONCILED
from engine.runtime.reconciler import Reconciler
from engine.runtime.regularly import Regularly
from engine.runtime.rehearsal.rehearser import Rehearser
from engine.runtime.rehearsal.stage import Dice, Means, Provider
from engine.runtime.relations import Relations
from engine.runtime.reporter import Reporter
from engine.runtime.rereading import Rereading
from engine.runtime.routes import Routes
from engine.runtime.runner import JournalRunner
from engine.runtime.safe import Safe
from engine.runtime.scheduler import Scheduler
from engine.runtime.second_look import SecondLook
from engine.runtime.series_watch import SeriesWatch
from engine.runtime.suggesting import Suggesting
from engine.runtime.traces import Traces
from engine.settings import BY_NAME, Settings, read_settings
from engine.workflow.calendar import zone_named
from engine.workflow.catalogue import Catalogue, did_you_mean
from engine.workflow.catalogue_data import KNOWN
from engine.workflow.definition import Json
from engine.workflow.parse import parse_definition, parse_yaml, to_yaml, unsupported
from storage.folder import KEY_FILE, NEXT_FILE, forget_address, is_secret, kept_secret, tell_address, told_address
from storage.memory import MemoryStore

if TYPE_CHECKING:
    from bot.faces.terminal.client import Client

log = logging.getLogger("signalbox")
BENCHMARKS = ("engine", "burst", "waiting", "ack", "start", "postgres", "connectors", "probes", "grouping", "detect", "storm", "forecast", "rootcause", "impact", "predict", "routing", "draw", "parse", "times")
MONITORING = ("detect", "probes", "grouping", "storm")  # together: bench monitoring
MIND = ("impact", "rootcause", "routing", "predict", "draw")  # together: bench mind
EARLIEST, LATEST = 1970, 2200  # years that relative times are read against
RENEWED = 300.0  # seconds between looks at ordered deliveries that end soon
RELATED = 5.0  # seconds between looks at whether a workflow changed who needs whom
BLAMED = 5.0  # seconds between two looks whether something new hurts
REMEMBERED = 30.0  # seconds between looks at whether the map of who needs whom changed
SUGGESTED = 300.0  # seconds between looks at whether the past is to be looked through for lines nobody named
ADVISED = 20.0  # seconds between looks at what applied recommendations have brought
REPORTS = 5.0  # seconds between looks at reports that are due
LIMITS = 1.0  # seconds until a changed threshold counts
WINDOWS = 5.0  # seconds between looks at maintenance windows
LOOKED_AFTER = 20.0  # seconds between looks at what was said to a process that is gone
ABANDONED = timedelta(seconds=60)  # no turn takes that long: whoever heard it is gone
KEY_INSIDE = "The secret key is inside: whoever has this file can read the stored credentials. Keep it as safe as those."
KEY_OUTSIDE = "The secret key is not inside. Keep {place} (or SIGNALBOX_SECRET_KEY) somewhere else: without it the stored credentials cannot be read."
SLOW_START = 3.0  # seconds, then it is said what is waited for


def settings_here() -> Settings:
    """From .env in this folder, with the environment on top. Raises Invalid."""
    text = env_file()
    for fault in env_faults(text):
        say(f".env: {fault.message} {fault.advice}")
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)  # it names lines but not the file; env_faults does
    from_file = {name: value for name, value in dotenv_values(stream=io.StringIO(text)).items() if value is not None}
    return read_settings({**from_file, **os.environ})


def env_file() -> str:
    """The text of .env in this folder; empty without one. Raises Rejected when it cannot be read."""
    path = Path(".env")
    if path.is_dir():  # some keep their virtual environment there
        return ""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Rejected(f".env cannot be read ({error.strerror}). Let this user read it, or put the settings into the environment.") from error
    except UnicodeDecodeError as error:
        raise Rejected(".env is not UTF-8 text. Save it as UTF-8.") from error


def env_faults(text: str) -> list[Finding]:
    """Lines of .env that are left out because they are no settings."""
    lines = [binding.original.line for binding in parse_stream(io.StringIO(text)) if binding.error]
    return [Finding(".env", "warning", f"Line {line} cannot be read and is left out.", "Write it as NAME=value.") for line in lines]


def secret_of(settings: Settings, name: str, file: str) -> str:
    """A setting, or what the data folder keeps for it. Raises Rejected for what cannot stand in a header."""
    if file == KEY_FILE and (settings.data / NEXT_FILE).exists():
        from storage.rotating import settle_rotation

        settle_rotation(settings.data, settings.database_url)
    given = settings.get(name)
    if given and not is_secret(given):
        raise Invalid("Some settings (from the environment or .env) do not fit:", [Problem("use ASCII letters, digits and signs without blanks", (name,))])
    return given or kept_secret(settings.data, file)


@dataclass(slots=True)
class App:
    """The whole house, built and joined; ``start`` sets it going, ``stop`` ends it in order. ``async with`` does both."""

    settings: Settings
    clock: Clock
    store: Store
    shelf: Shelf
    house: House
    conversation: HouseConversation
    runner: JournalRunner
    scheduler: Scheduler
    dispatcher: Dispatcher
    announcer: Announcer
    monitor: Monitor
    looks: SecondLook
    keeper: Keeper
    forecaster: Forecaster
    poller: Poller
    renewing: Regularly
    bus: Bus
    pictures: Any
    faces: dict[str, Face]
    rest: Any
    server: Any
    api_token: str
    calls: Calls
    counting: CountedActions
    windows: Regularly
    limits: Regularly
    reports: Regularly
    relating: Regularly
    beacon: Beacon | None = None  # set where somebody outside is told that this house is alive
    heart: Regularly | None = None
    measures: tuple[Any, ...] = ()  # gather, fold and judge what is measured; one process of all has them running
    mind: tuple[Any, ...] = ()  # foretell, suggest, recommend; one process of all has them running
    telemetry: Any = None  # set where somebody collects traces and metrics
    machines: Machines | None = None  # set where several processes share a database
    started: list[Any] = field(default_factory=list)

    async def start(self, *, platforms: bool = True, watch: bool = True) -> None:
        """``platforms``: with Slack and Discord. ``watch``: with probes. What fails on the way is stopped again and raised."""
        try:
            if self.telemetry is not None:
                await self._begin(self.telemetry)
            await self._begin(self.relating)
            await self._begin(self.counting)
            await (self._start_alone(watch) if self.machines is None else self._start_among(self.machines, platforms, watch))
            await self._begin(self.server)
            if platforms:
                # They take as long as the network does; the house is at work meanwhile.
                await asyncio.gather(*(self._begin(face) for face in self._platforms()))
                if self.machines is None:
                    await self._take_up()
        except BaseException:
            await self.stop()
            raise

    async def _start_alone(self, watch: bool) -> None:
        await self._begin(self.announcer)
        await self._begin(self.faces["web"])
        await self._begin(self.rest)
        await self.runner.recover()
        self.started.append(self.runner)
        await self._begin(self.dispatcher)
        await self._begin(self.scheduler)
        await self._begin(Housekeeping(self.store, self.clock, keep=self.settings.keep_runs))
        if watch:
            await self._begin(self.limits)  # before the first sample is judged: what people set counts for it, too
            await self._begin(self.monitor)
            await self._begin(self.looks)
            await self._begin(self.keeper)
            for part in self.measures:
                await self._begin(part)
            for part in self.mind:
                await self._begin(part)
            await self._begin(self.forecaster)
            await self._begin(self.poller)
            await self._begin(self.renewing)
            await self._begin(self.windows)
            await self._begin(self.reports)
            if self.heart is not None:
                await self._begin(self.heart)

    async def _start_among(self, machines: Machines, platforms: bool, watch: bool) -> None:
        """One of several processes: what only one of all may do is held by lease."""
        await self._drive_among(machines)
        await self._begin(self.faces["web"])
        await self._begin(self.rest)
        # Discord's gateway hands every event to one connection, and who posts there must be that one.
        discord: list[Any] = [self.faces["discord"]] if platforms and "discord" in self.faces else []
        chat: list[Any] = [self.announcer, *discord]
        if platforms:
            chat.append(Regularly("taking up what was said", LOOKED_AFTER, self.clock, lambda: self._take_up(ABANDONED)))
        await self._begin(machines.held("chat", *((lambda part=part: part) for part in chat)))
        await self._begin(self.dispatcher)
        await self._begin(self.scheduler)  # has a lease of its own, and takes over without a start
        await self._begin(machines.held("housekeeping", lambda: Housekeeping(self.store, self.clock, keep=self.settings.keep_runs)))
        # Only who watches may say that the house is alive: the others' beats would hide that nobody does.
        heart: list[Any] = [self.heart] if self.heart is not None else []
        monitor = machines.held("monitor", lambda: self.limits, lambda: self.monitor, lambda: self.looks, *((lambda part=part: part) for part in heart))
        if watch:
            await self._begin(monitor)
            await self._begin(machines.held("keeper", lambda: self.keeper))
            await self._begin(machines.held("measures", *((lambda part=part: part) for part in self.measures)))
            await self._begin(machines.held("mind", *((lambda part=part: part) for part in self.mind)))
            await self._begin(machines.held("forecaster", lambda: self.forecaster))
            await self._begin(machines.held("poller", lambda: self.poller, lambda: self.renewing, lambda: self.windows, lambda: self.reports))
        await self._begin(Noting(self.calls, self.store.ledger, self.clock, lambda: monitor.here))

    async def _drive_among(self, machines: Machines) -> None:
        await machines.check_key()
        await self._begin(machines.retelling)
        await self._begin(machines.executor)
        await self._begin(machines.caretaker(self.runner))

    async def start_driving(self) -> None:
        """Only what drives runs: no faces, no web, nothing that one of all does."""
        assert self.machines is not None
        try:
            if self.telemetry is not None:
                await self._begin(self.telemetry)
            await self._begin(self.relating)  # who may stand in for whom, before any run is driven
            await self._begin(self.counting)
            await self._drive_among(self.machines)
            await self._begin(Noting(self.calls, self.store.ledger, self.clock, lambda: False))
        except BaseException:
            await self.stop()
            raise

    def _platforms(self) -> list[Face]:
        held = {"web", "discord"} if self.machines is not None else {"web"}
        return [face for name, face in self.faces.items() if name not in held]

    async def _begin(self, part: Any) -> None:
        self.started.append(part)  # before: what was cut off half way has something to let go of, too
        await part.start()

    async def _take_up(self, older: timedelta = timedelta()) -> None:
        """Answer what was heard before a crash and not answered."""
        for utterance, turn in await self.conversation.resume(older=older):
            face = self.faces.get(utterance.where.face)
            for reply in turn.replies:
                if face is not None and not reply.tracked:
                    with contextlib.suppress(SignalboxError):
                        await face.whisper(utterance.actor, utterance.where, reply.card)

    async def stop(self) -> None:
        """In reverse order; one part that fails to stop does not keep the others."""
        while self.started:
            part = self.started.pop()
            try:
                await part.stop()
            except Exception:
                log.exception("stopping %s", type(part).__name__)
        if self.beacon is not None:
            await self.beacon.close()
        await self.shelf.close()
        await self.pictures.close()
        await self.store.close()

    async def __aenter__(self) -> App:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


# --- building ----------------------------------------------------------------------------------------------------------


async def build(settings: Settings, *, clock: Clock | None = None) -> App:
    """Every room built and joined, nothing started. Raises the hall's errors, each a sentence that says what to do."""
    from starlette.routing import Route

    from bot.desk import HouseDesk
    from bot.faces.http.app import create_app
    from bot.faces.http.server import HttpServer
    from bot.faces.rest.face import RestFace
    from bot.faces.web.face import WebFace
    from bot.faces.web.graph import GraphPage
    from bot.graph_view import HouseGraph
    from bot.pictures.process import DrawnPictures
    from intents.answering import AnsweringModel
    from intents.recognise import Recogniser
    from storage.sql import SqlStore

    clock = clock or SystemClock()
    secret_key = secret_of(settings, "SIGNALBOX_SECRET_KEY", "secret-key")
    api_token = secret_of(settings, "SIGNALBOX_API_TOKEN", "api-token")
    inbound_token = secret_of(settings, "SIGNALBOX_INBOUND_TOKEN", "inbound-token")
    store = await SqlStore.open(settings.database_url, secret_key=secret_key, clock=clock)
    try:
        machines = Machines(store, clock, desks(settings.database_url)) if settings.shared else None
        shelf = Shelf.open(settings.environ, clock=clock, sandbox_mode=settings.sandbox)
        await shelf.take_up(store.vault, store.leases)
        catalogue = Catalogue.merge(KNOWN, shelf.services())
        postman = HousePostman()
        announcer = Announcer(store, postman, clock, instead=lambda to: [other for other in settings.alert_backup if other != to])
        faces: dict[str, Any] = {}

        def addresses() -> Sequence[Address]:
            """Where alerts go: as set, else the home channel of every chat platform that is on, else the web chat."""
            if settings.alert_channels:
                return settings.alert_channels
            platforms = [name for name in faces if name != "web"]
            return [Address(name, "*") for name in platforms] or [Address("web", "#ops")]

        calls = Calls(shelf)
        atlas = Atlas(store, clock, catalogue)
        relations = Relations(store, clock, catalogue, declared=atlas.declared)
        alerting = Alerting(store, clock, addresses=addresses, topology=relations.topology, shared=settings.shared)
        limits = SetLimits(store)
        monitor = Monitor(store, shelf, clock, interval=settings.probe_interval, alerting=alerting, limits=limits.of, topology=relations.topology, calls=calls, others=machines is not None)
        model = language_model(settings, catalogue, HouseModelBook(store, clock, per_day=settings.model_tokens))
        actions = CountedActions(WithModel(shelf, AnsweringModel(model) if model else None), store.ledger, clock)
        routes = Routes(clock, default=default_account(shelf), zone=zone_named(settings.timezone))
        await routes.remember(store.samples, {account.service for account in shelf.accounts()})
        store.ledger.listen(routes.heard)
        guard = Guard(actions, clock, calls.taken, tokens=store.tokens, rates=settings.rates, safe=Safe(store.vault), routes=routes)
        telemetry = telemetry_of(settings)
        measuring = Measuring(store, clock)
        gauges = Gauges(store, guard.perform, measuring, catalogue, clock)
        runner = JournalRunner(
            store=store, guard=guard, clock=clock, catalogue=catalogue, turns=machines.executor if machines else None, read_back=True
        )
        if machines:
            machines.executor.join(runner)
        bus = Bus(store.ledger)
        clockwork = Clockwork(clock)
        dispatcher = Dispatcher(
            ledger=store.ledger, inbox=store.inbox, workflows=store.workflows, runs=store.runs, alerts=store.alerts,
            samples=store.samples, waits=store.waits, gatherings=store.gatherings, runner=runner, clock=clock, clockwork=clockwork,
            shared=settings.shared,
        )  # fmt: skip
        scheduler = Scheduler(
            ledger=store.ledger, workflows=store.workflows, schedules=store.schedules, runner=runner, clock=clock, timezone=settings.timezone,
            leases=store.leases, clockwork=clockwork, chores=[dispatcher.look],
        )  # fmt: skip

        async def examine() -> list[Finding]:
            return await examine_all(settings, store, shelf, faces)

        async def changed(service: str, account: str) -> None:
            await store.ledger.record(AccountChanged(service, account))

        def public_url() -> str:
            return settings.get("SIGNALBOX_PUBLIC_URL").rstrip("/") or server.url

        people = People(shelf.places, store.vault, clock, public_url=public_url, changed=changed)
        registrar = Registrar(
            shelf.places, ledger=store.ledger, cursors=store.cursors, clock=clock, public_url=lambda: settings.get("SIGNALBOX_PUBLIC_URL"),
            catch_up=lambda service, account: poller.catch_up(service, account),
        )  # fmt: skip
        foreteller = Foreteller(store, clock, timezone=settings.timezone)
        blaming = Blaming(store, clock, topology=relations.topology, map=atlas.map, watched=lambda: {account.service for account in shelf.accounts() if account.probed})
        house = House(
            store=store, clock=clock, catalogue=catalogue, foresight=foreteller, blaming=blaming, connecting=people, watching=registrar, feeds=lambda: poller.states(), fares=routes.lines, gauging=gauges, telemetry=telemetry or NoTelemetry(), runner=runner, connections=shelf, sandbox=shelf.sandbox,
            timezone=settings.timezone, version=own_version(), alerting=alerting, model=AnsweringModel(model) if model else None, language=model.facts if model else None, reconsider=alerting.reconsider, topology=relations.topology, map=atlas.map, answers=atlas.answers, remap=atlas.look, foremap=atlas.would, examine=examine, groups=PlatformGroups(faces), looks=shelf.looks,
            rehearsals=Rehearser(stage_of(settings, catalogue, bool(model), shelf.accounts), store=store, clock=clock, connections=shelf, timezone=settings.timezone),
        )  # fmt: skip
        store.ledger.listen(Rereading(shelf.reread).heard)
        if telemetry is not None:
            store.ledger.listen(Traces(telemetry, clock).heard)
        shelf.lend(
            files=store.files, things=store.things, tell=lambda news, call: dispatcher.tell(news, by_run=call.run),
            tokens=store.tokens if settings.shared else None,
        )  # fmt: skip
        shelf.join(speaker=announcer, providers={**Reports(lambda: house).providers(), **runner.providers()}, vault=store.vault)
        pictures = DrawnPictures()
        understanding = Recogniser(catalogue, llm=model)
        conversation = HouseConversation(house, understanding, pictures)
        overhearing = HouseOverhearing(dispatcher, clock)
        faces["web"] = WebFace(conversation, store, clock, secret_key, overhearing)
        faces.update(chat_faces(settings, conversation, clock, overhearing))
        postman.join(house, {**faces, "email": MailFace(partial(send_mail, shelf))}, pictures)
        poller = Poller(Feeds(shelf.places), dispatcher, ledger=store.ledger, cursors=store.cursors, clock=clock)
        desk = HouseDesk(
            house, conversation, shelf, dispatcher.accept, pictures, faces, public_url=settings.get("SIGNALBOX_PUBLIC_URL"), wake=poller.wake
        )  # fmt: skip
        rest = RestFace(desk, conversation, store, bus, shelf.sandbox, clock)
        web = create_app(faces["web"], rest, api_token, hosts=(settings.host,), version=own_version(), inbound_token=inbound_token, graph=GraphPage(HouseGraph(house), pictures))
        if "slack" in faces and faces["slack"].asgi is not None:
            web.router.routes.append(Route("/slack/events", endpoint=faces["slack"].asgi, methods=["POST"]))
        server = HttpServer(web, settings.host, settings.port)
        beacon = Beacon(settings.get("SIGNALBOX_HEARTBEAT_URL")) if settings.get("SIGNALBOX_HEARTBEAT_URL") else None
    except BaseException:
        await store.close()
        raise
    return App(
        settings=settings, clock=clock, store=store, shelf=shelf, house=house, conversation=conversation, runner=runner, scheduler=scheduler,
        dispatcher=dispatcher, announcer=announcer, monitor=monitor, looks=SecondLook(routes, shelf, clock, monitor.judge), keeper=Keeper(store, clock, addresses=addresses), forecaster=Forecaster(store, shelf, clock, dispatcher, alerting), bus=bus, pictures=pictures, faces=faces, rest=rest, api_token=api_token, server=server,
        calls=calls, counting=actions, machines=machines,
        telemetry=telemetry,
        measures=(Folding(store, clock), HouseMeasures(store, measuring, clock), gauges, SeriesWatch(store, clock, alerting.take)),
        poller=poller,
        renewing=Regularly("renewing deliveries", RENEWED, clock, registrar.renew),
        relating=Regularly("who needs whom", RELATED, clock, in_turn(atlas.look, relations.look, Closures(store, clock, routes, shelf).look), first=True),
        mind=(foreteller, Regularly("suspects", BLAMED, clock, blaming.look), Regularly("the history of the map", REMEMBERED, clock, History(atlas, store, clock).look),
            Regularly("suggested lines", SUGGESTED, clock, Suggesting(store, clock, atlas.map, addresses).look),
            Regularly("what was done elsewhere", RECONCILED, clock, Reconciler(store, runner, clock, trouble=in_trouble(routes, shelf, clock), addresses=addresses).look),
            Regularly("recommendations", ADVISED, clock, Adviser(house).look),
        ),
        reports=Regularly("reports", REPORTS, clock, Reporter(store, clock).look),
        limits=Regularly("thresholds", LIMITS, clock, limits.refresh, first=True),
        windows=Regularly("maintenance windows", WINDOWS, clock, Maintenance(store, clock, addresses, alerting.reconsider).look),
        beacon=beacon,
        heart=Regularly("the heartbeat", BEAT, clock, Heartbeat(beacon.beat, troubles_of(store, monitor, announcer, settings)).look) if beacon else None,
    )  # fmt: skip


def troubles_of(store: Store, monitor: Monitor, announcer: Announcer, settings: Settings) -> Callable[[], Sequence[str]]:
    """Why this house cannot do its work: write, watch, tell. Among several processes another one may be who tells."""

    def troubles() -> Sequence[str]:
        telling = announcer.trouble() if announcer.running or not settings.shared else ""
        return [store.ledger.trouble(), monitor.trouble(), telling]

    return troubles


def in_turn(*looks: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    async def look() -> None:
        for one in looks:
            await one()

    return look


def in_trouble(routes: Routes, shelf: Shelf, clock: Clock) -> Callable[[str], bool]:
    """Whether a breaker of the service is open, or one of its ways is shut, as this process knows it."""

    def trouble(service: str) -> bool:
        at = clock.now().timestamp()
        standings = [routes.standing(service, account.name) for account in shelf.accounts() if account.service == service]
        return any(one.opened is not None or one.shut_left(at) > 0 for one in standings)

    return trouble


def default_account(shelf: Shelf) -> Callable[[str], str]:
    """Which account a call means that names none, as samples of calls are told under."""

    def default(service: str) -> str:
        return next((account.name for account in shelf.accounts() if account.service == service), "")

    return default


async def send_mail(shelf: Shelf, to: str, subject: str, text: str, key: str) -> None:
    """Raises Rejected where no mail server is connected: what the sandbox pretends to send reaches nobody."""
    asked: dict[str, Json] = {"to": [to], "subject": subject, "text": text}
    answer = await shelf.perform(Call(service="email", operation="send_email", arguments=asked, key=key))
    if answer.sandbox:
        raise Rejected("No mail server is connected, so nothing was sent. Set EMAIL_URL and EMAIL_FROM.")


def stage_of(settings: Settings, catalogue: Catalogue, model: bool, accounts: Callable[[], Sequence[Account]]) -> Means:
    """What rehearsals are played with: the runner of the house over a memory that is thrown away and services that reach nobody."""

    def runner(store: Store, actions: Actions, clock: Clock, prompter: Model) -> JournalRunner:
        guard = Guard(WithModel(actions, prompter), clock, tokens=store.tokens, rates=settings.rates, safe=Safe(store.vault))
        return JournalRunner(store=store, guard=guard, clock=clock, catalogue=catalogue)

    def scenery(clock: Clock, speaker: Speaker, providers: Mapping[str, Provider], dice: Dice) -> Shelf:
        return Shelf.rehearsal(settings.environ, clock=clock, speaker=speaker, providers=providers, dice=dice, accounts=accounts())

    return Means(catalogue=catalogue, store=MemoryStore, model=model, scenery=scenery, runner=runner)


def own_version() -> str:
    try:
        return version("signalbox")
    except PackageNotFoundError:
        return "0.1.0"


def chat_faces(settings: Settings, conversation: HouseConversation, clock: Clock, overhearing: HouseOverhearing) -> dict[str, Face]:
    """The platforms whose tokens are set; their libraries are loaded only then."""
    faces: dict[str, Face] = {}
    if settings.get("SLACK_BOT_TOKEN"):
        from bot.faces.slack.face import SlackFace

        faces["slack"] = SlackFace(
            conversation, clock, bot_token=settings.get("SLACK_BOT_TOKEN"), app_token=settings.get("SLACK_APP_TOKEN"),
            signing_secret=settings.get("SLACK_SIGNING_SECRET"), api_url=settings.get("SLACK_API_URL"), overhearing=overhearing,
        )  # fmt: skip
    if settings.get("DISCORD_TOKEN"):
        from bot.faces.discord.face import DiscordFace

        faces["discord"] = DiscordFace(
            conversation, clock, token=settings.get("DISCORD_TOKEN"), api_url=settings.get("DISCORD_API_URL"),
            gateway_url=settings.get("DISCORD_GATEWAY_URL"), overhearing=overhearing,
            privileged=[name.strip() for name in settings.get("DISCORD_INTENTS").split(",") if name.strip()],
        )  # fmt: skip
    return faces


def language_model(settings: Settings, catalogue: Catalogue, book: HouseModelBook | None = None) -> Any:
    """An OpenAI-compatible endpoint, where one is configured; without a book, everything about it is forgotten with the process."""
    if not (settings.get("OPENAI_API_KEY") or settings.get("OPENAI_BASE_URL")):
        return None
    from intents.llm import LanguageModel

    return LanguageModel(
        catalogue, api_key=settings.get("OPENAI_API_KEY"), base_url=settings.get("OPENAI_BASE_URL"), model=settings.get("OPENAI_MODEL") or "gpt-4o-mini",
        timeout=settings.model_timeout, book=book, per_day=settings.model_tokens, rests=book is not None,
    )  # fmt: skip


COLLECTORS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")


def telemetry_of(settings: Settings) -> Any:
    """Where traces and metrics go, if somebody collects them; its libraries are loaded only then."""
    if not collected(settings):
        return None
    try:
        from connectors._kit.telemetry import OtlpTelemetry
    except ImportError:
        log.warning("Traces and metrics are wanted, but OpenTelemetry is not installed: make install-otel.")
        return None
    return OtlpTelemetry(settings.environ, own_version())


def collected(settings: Settings) -> bool:
    return any(settings.get(name) for name in COLLECTORS) and settings.get("OTEL_SDK_DISABLED").casefold() != "true"


def telemetry_findings(settings: Settings) -> list[Finding]:
    """The doctor's word on traces and metrics; nothing where nobody collects."""
    if not collected(settings):
        return []
    try:
        import connectors._kit.telemetry  # noqa: F401 - whether it can be loaded
    except ImportError:
        return [Finding("OpenTelemetry", "problem", "A collector is set, but OpenTelemetry is not installed.", "Run make install-otel, or pip install 'signalbox[otel]'.")]
    if settings.get("OTEL_EXPORTER_OTLP_PROTOCOL") not in ("", "http/protobuf"):
        return [Finding("OpenTelemetry", "warning", "Only http/protobuf is spoken.", "Take OTEL_EXPORTER_OTLP_PROTOCOL away, and give the collector's port for HTTP (4318).")]
    return [Finding("OpenTelemetry", "ok", "Traces and metrics are sent to the collector that is set.")]


async def examine_all(settings: Settings, store: Any, shelf: Shelf, faces: Mapping[str, Face]) -> list[Finding]:
    """The doctor's findings: storage, every face, every connector, the language model."""
    found = [*await store.examine()]
    missing = {"slack": "SLACK_BOT_TOKEN and SLACK_APP_TOKEN", "discord": "DISCORD_TOKEN"}
    for name, needed in missing.items():
        if name in faces:
            found += await faces[name].examine()  # type: ignore[attr-defined]
        else:
            found.append(Finding(name.capitalize(), "info", "Not set up.", f"Set {needed} in .env; docs/how-to/{name}.md has the steps."))
    found += await shelf.examine()
    found += telemetry_findings(settings)
    model = settings.get("OPENAI_BASE_URL") or ("OpenAI" if settings.get("OPENAI_API_KEY") else "")
    text = f"Sentences the grammar cannot read are put to {model}." if model else "None set; sentences are read by the built-in grammar."
    found.append(Finding("Language model", "ok" if model else "info", text, "" if model else "Optional: OPENAI_API_KEY or OPENAI_BASE_URL."))
    for name in sorted(settings.environ):
        if name.startswith("SIGNALBOX_") and name not in BY_NAME and name not in {setting.name for setting in shelf.settings()}:
            found.append(Finding("Settings", "warning", f"{name} is no setting.", did_you_mean(name, list(BY_NAME)).strip()))
    if not await store.members.admins():
        found.append(Finding("Rights", "info", "No admin is named: everyone in a channel may do everything.", "Say /signalbox admin @you."))
    return found


# --- the command line ----------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 1 refused or failed with a reason, 2 bad usage."""
    from bot.faces.terminal.arguments import parser

    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")  # whatever the locale says: JSON is UTF-8
    given = parser(BENCHMARKS).parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    command = given.command or "serve"
    try:
        code = asyncio.run(COMMANDS[command](given)) if command != "bench" else bench(given)
        sys.stdout.flush()
    except SignalboxError as error:
        say(str(error))
        return 1
    except BrokenPipeError:
        # Whoever read the output has left (``… | head``); the interpreter would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def say(*words: str) -> None:
    """To people, on standard error; standard output is for results."""
    sys.stderr.write(" ".join(words) + "\n")


def put(text: str) -> None:
    """A result, on standard output."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


async def serve(given: Any) -> int:
    settings = settings_here()
    workers = given.workers if given.command else 1
    if (workers > 1 or getattr(given, "drive_only", False)) and not settings.shared:
        raise Rejected(
            "Several processes share a PostgreSQL database. Set SIGNALBOX_DATABASE_URL to postgresql+psycopg://user@host/name; "
            "docs/how-to/many-machines.md has the steps."
        )
    app = await build(settings)
    stopping = stopped_by_signal()
    if getattr(given, "drive_only", False):
        return await drive_only(app, stopping, parent=given.parent)
    hands = Workers(workers - 1, [sys.executable, __file__, "serve", "--drive-only", "--parent"], app.clock)
    if await started(app, stopping):
        keep_what_stays()
        tell_address(settings.data, app.server.url)
        try:
            await hands.start()
            greet(app)
            await stopping.wait()
            say("\nStopping: finishing what is on the way …")
        finally:
            forget_address(settings.data)
            await hands.stop()
            await app.stop()
    say("Stopped. Everything is kept; start again to go on where it was.")
    return 0


def stopped_by_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":  # there, loops take no signal handlers and Ctrl-C raises
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
    return stopping


async def drive_only(app: App, stopping: asyncio.Event, *, parent: bool) -> int:
    """A process that only drives runs; with ``parent``, until that is gone, and Ctrl-C in its terminal is the parent's business."""
    await app.start_driving()
    keep_what_stays()
    assert app.machines is not None
    say(f"Signalbox {app.house.version} drives runs as {app.machines.name}.")
    ends = [asyncio.create_task(parent_gone())] if parent else [asyncio.create_task(stopping.wait())]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
        await app.stop()
    return 0


async def started(app: App, stopping: asyncio.Event) -> bool:
    """False when it was told to stop before everything stood: a chat platform may take its time."""
    starting, told = asyncio.create_task(app.start()), asyncio.create_task(stopping.wait())
    await asyncio.wait((starting, told), timeout=SLOW_START, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done() and not told.done():
        say(f"Still starting: waiting for {', '.join(name.capitalize() for name in app.faces if name != 'web') or 'the database'} …")
        await asyncio.wait((starting, told), return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not starting.done():
        starting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await starting
    return not starting.cancelled()


def keep_what_stays() -> None:
    """Take what lives as long as the process out of the garbage collector's rounds.

    Modules and the house itself are some hundred thousand objects; walking them again and again stops the loop for a third of a
    second, in which no click is acknowledged.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def greet(app: App) -> None:
    """Where to go, and what to type first."""
    say(f"\nSignalbox {app.house.version} is ready.\n")
    say(f"  Web chat   {app.faces['web'].sign_in_url(app.server.url)}")  # type: ignore[attr-defined]
    say("             (opens once; after that the browser stays signed in)")
    say(f"  REST       {app.server.url}/api/v2   token in {app.settings.data / 'api-token'}   description at /openapi.json")
    for name, face in app.faces.items():
        if name != "web":
            state = face.state()
            say(f"  {name.capitalize():10} {'connected' if state.ready else 'not ready'}: {state.detail}")
    sandboxed = [account.service for account in app.shelf.accounts() if account.mode == "sandbox"]
    if sandboxed:
        say(f"  Sandbox    {', '.join(sandboxed)} answer from examples until connected (/connect says how)")
    say("\nType first, in the web chat:")
    say("  when a pull request is merged in GitHub, create a Trello card on the Release board and tell #releases")
    say("\nCtrl-C stops.\n")


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Client]:
    """A client of the Signalbox that runs here already, or of one that lives as long as this: same store, no chat platforms, no probes."""
    from bot.faces.http.server import url_of
    from bot.faces.terminal.client import Client

    token = secret_of(settings, "SIGNALBOX_API_TOKEN", "api-token")
    configured = url_of(settings.host, settings.port) if settings.port else ""
    for base in dict.fromkeys(filter(None, (told_address(settings.data), configured))):
        async with Client(base, token) as client:
            if await client.alive():
                yield client
                return
    app = await build(replace(settings, host="127.0.0.1", port=0))
    await app.start(platforms=False, watch=False)
    tell_address(settings.data, app.server.url)
    try:
        async with Client(app.server.url, app.api_token) as client:
            yield client
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                await app.announcer.settle()
        forget_address(settings.data)
        await app.stop()


async def chat(given: Any) -> int:
    from dateutil.tz import tzlocal
    from rich.console import Console

    from bot.faces.terminal.chat import Terminal
    from engine.commands.registry import commands

    offered = tuple((command.SLASH, command.HELP) for command in commands().values() if command.SLASH)
    async with running(settings_here()) as client:
        await Terminal(client, Console(), whoever(), "#ops", offered, tzlocal()).run()
    return 0


def whoever() -> str:
    return os.environ.get("USER") or "operator"


async def ask(given: Any) -> int:
    name = legible(given.name) or whoever()
    text = legible(given.text)
    if not text.strip():
        raise Rejected('There is nothing to ask. Say something, for example: ask "what breaks if trello goes down?"')
    async with running(settings_here()) as client:
        files = [await client.hand_over(Path(path)) for path in given.files]
        answer = await client.say(text, name, legible(given.channel), files)
        button = button_of(answer, "confirm") if given.confirm else None
        if button is not None:
            then = await client.press(button, name)
            answer = {**answer, **then, "command": answer.get("command"), "cards": [*answer["cards"], *then.get("cards", ())]}
        if answer.get("run"):
            answer["cards"] = [*answer["cards"][:-1], await settled_run(client, answer["run"])]
    if given.json:
        put(json.dumps({key: answer.get(key) for key in ("cards", "command", "run")}, ensure_ascii=False, indent=2))
    else:
        show(answer.get("cards", ()))
    return 0 if answer.get("success") else refused(answer)


def legible(argument: str) -> str:
    """An argument whose bytes were no UTF-8, with a sign in the place of each."""
    return os.fsencode(argument).decode("utf-8", "replace")


def refused(answer: Mapping[str, Any]) -> int:
    if not answer.get("cards"):
        say(str(answer.get("error") or "refused"))
    return 1


def button_of(answer: Mapping[str, Any], verb: str) -> Mapping[str, Any] | None:
    return next((button for card in answer.get("cards", ()) for button in card["actions"] if button["verb"] == verb), None)


async def settled_run(client: Client, run: str, patience: float = 30.0) -> Mapping[str, Any]:
    """The card of a run when it is over, waits for somebody, or ``patience`` seconds have passed."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while (await client.get(f"/api/v2/runs/{run}")).get("state") == "running":  # noqa: ASYNC110 - it is another process that runs
                await asyncio.sleep(0.05)
    card: Mapping[str, Any] = answered(await client.get(f"/api/v2/cards/{run}"), "card")
    return card


def answered(body: Mapping[str, Any], key: str) -> Any:
    """What a successful answer holds. Raises Rejected with the server's own words."""
    if key not in body:
        raise Rejected(str(body.get("error") or "The running Signalbox answered something else than was asked; is it of another version?"))
    return body[key]


def show(cards: Iterable[Mapping[str, Any]]) -> None:
    from dateutil.tz import tzlocal
    from rich.console import Console

    from bot.cards.wire import from_json
    from bot.faces.terminal.write import render

    console = Console()
    for card in cards:
        console.print(render(from_json(card), zone=tzlocal()))


async def parse(given: Any) -> int:
    from dateutil.parser import isoparse

    from engine.ports import Said
    from intents.lines import to_contract
    from intents.recognise import Recogniser

    settings = settings_here()
    try:
        now = isoparse(given.now) if given.now else SystemClock().now()
    except ValueError as error:
        raise Rejected(f"--now {given.now} is no ISO 8601 moment; write for example 2026-11-23T10:00:00+00:00.") from error
    now = now if now.tzinfo else now.replace(tzinfo=UTC)
    if not EARLIEST <= now.year <= LATEST:
        raise Rejected(f"--now {given.now} is too far away; the years {EARLIEST} to {LATEST} can be read.")
    zone = zone_named(given.timezone or settings.timezone).key
    catalogue = Catalogue(KNOWN)
    asked = settings.get("SIGNALBOX_MODEL_IN_PARSE").casefold() == "on"
    # What a model proposes is checked against the connectors that ship, as in the house.
    shipped = Catalogue.merge(KNOWN, Shelf.open(settings.environ, clock=SystemClock()).services()) if asked else catalogue
    recogniser = Recogniser(catalogue, llm=language_model(settings, shipped) if asked else None)
    for line in sys.stdin:
        text = line.rstrip("\n")
        understood = await recogniser.understand(Said(text=text, now=now, timezone=zone))
        put(json.dumps(to_contract(understood, text), ensure_ascii=False))
    return 0


async def impact(given: Any) -> int:
    service = legible(given.service).strip()
    if not service:
        raise Rejected("Name a service, for example: impact trello")
    async with running(settings_here()) as client:
        body = await client.get(f"/api/v2/impact/{quote(service, safe='')}?state={given.state}")
        if not body.get("success"):
            return refused(body)
    if not given.json:
        show([impact_drawn(body)])
        return 0
    keys = ("service", "workflows", "runs_lost_per_hour", "people", "severity", "shared_fallback_dependencies")
    put(json.dumps({key: body[key] for key in keys}, ensure_ascii=False, indent=2))
    return 0


def impact_drawn(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of REST as the card that chats show."""
    from bot.cards.impact import impact as card
    from bot.cards.wire import to_json
    from engine.commands.command import ImpactShown

    workflows = tuple(AffectedWorkflow(**workflow) for workflow in body["workflows"])
    told = {key: body[key] for key in ("service", "state", "runs_lost_per_hour", "severity", "because")}
    people, shared = tuple(body["people"]), tuple(body["shared_fallback_dependencies"])
    impact = Impact(workflows=workflows, people=people, shared_fallback_dependencies=shared, **told)
    return to_json(card(ImpactShown(impact=impact, drawing={}, people=people), None, ""))


async def detect(given: Any) -> int:
    """Needs no server, no settings and no state: a row in, a row out."""
    import csv

    from bot.faces.terminal.series import rows
    from engine.monitoring.series.detector import SeriesDetector

    series, detector, out = rows(given.file), SeriesDetector(), csv.writer(sys.stdout, lineterminator="\n")
    first = next(series, None)  # a file that cannot be read leaves standard output empty
    out.writerow(("timestamp", "value", "anomaly_score"))
    for row in chain(filter(None, (first,)), series):
        out.writerow((row.timestamp, row.number, f"{detector.observe(row.at, row.value).score:.9g}"))
    return 0


async def root_cause(given: Any) -> int:
    """Needs no server, no settings and no state: files in, the suspects out, best first."""
    from bot.faces.terminal.service_tables import read_graph, read_means, read_table
    from engine.graph.blame.flows import from_tables
    from engine.graph.blame.series import EMPTY, Metric

    lines, table = read_graph(given.graph), read_table(given.metrics, given.statistic)
    history = read_table(given.baseline, given.statistic) if given.baseline else EMPTY
    means = read_means(given.metrics, given.baseline, given.statistic)
    verdict = from_tables(table, lines, given.target, Metric(given.metric), history, means)
    if verdict.doubt:
        say(verdict.doubt)
    put(json.dumps([asdict(suspect) for suspect in verdict.suspects], ensure_ascii=False, indent=2))
    return 0


async def predict(given: Any) -> int:
    """Needs no server, no settings and no state: the shipped model, begun anew, meets the runs in the order of time."""
    import csv

    from bot.faces.terminal.past_runs import read_history
    from engine.prediction.success.replay import foretold, out_of_order

    history, out = read_history(given.history), csv.writer(sys.stdout, lineterminator="\n")
    if history.day_first:
        say("Dates with slashes are read as day/month/year: some of them make no sense otherwise.")
    if late := out_of_order(history.runs):
        say(f"{late} of {len(history.runs)} rows begin before the row above them. All are foretold in the order of time, and printed in the order of the file.")
    out.writerow(("workflow", "started_at", "probability", "low", "high", "samples"))
    for run, text, chance in zip(history.runs, history.texts, foretold(history.runs, given.delay), strict=True):
        out.writerow((run.workflow, text, f"{chance.probability:.6f}", f"{chance.low:.6f}", f"{chance.high:.6f}", chance.samples))
    return 0


async def doctor(given: Any) -> int:
    """Works beside a running server (asks it), and without one; settings that do not fit are findings too."""
    try:
        findings = [*env_faults(env_file()), *await diagnose()]
    except SignalboxError as error:
        findings = [Finding("Start", "problem", str(error), "Mend it and run the doctor again.")]
    if given.json:
        put(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        from bot.cards.answer import findings as card
        from bot.cards.wire import to_json
        from engine.commands.command import FindingsShown

        show([to_json(card(FindingsShown(findings=tuple(findings))))])
    return 1 if any(finding.level == "problem" for finding in findings) else 0


async def diagnose() -> list[Finding]:
    async with running(settings_here()) as client:
        findings = answered(await client.get("/api/v2/doctor"), "findings")
        return [Finding(**finding) for finding in findings]


async def export(given: Any) -> int:
    async with running(settings_here()) as client:
        listed = answered(await client.get("/api/v2/ai-workflows"), "workflows")
    definitions = [parse_definition(flow["definition"]) for flow in listed]
    if not definitions:
        say("No workflow is stored, so there is nothing to export.")
        return 0
    if given.folder == "-":
        put("---\n".join(to_yaml(definition) for definition in definitions))
        return 0
    write_files(Path(given.folder), named_files([(definition.name, to_yaml(definition)) for definition in definitions]))
    say(f"Wrote {len(definitions)} workflow{'s' if len(definitions) != 1 else ''} to {given.folder}.")
    return 0


async def import_(given: Any) -> int:
    settings = settings_here()
    texts = list(documents(given.paths))
    check(texts, Catalogue.merge(KNOWN, Shelf.open(settings.environ, clock=SystemClock()).services()))
    if given.check:
        say(f"{len(texts)} definition{'s' if len(texts) != 1 else ''} checked; nothing was stored.")
        return 0
    failed = 0
    async with running(settings) as client:
        for place, text in texts:
            answer = await client.say(f"/flow import {text.lstrip()}", whoever(), "#ops")
            button = button_of(answer, "confirm")
            if button is not None:
                answer = await client.press(button, whoever())
            failed += not answer.get("success")
            card = answer["cards"][0] if answer.get("cards") else {}
            say(f"{place}: {card.get('summary') or card.get('title') or answer.get('error')}")
    return 1 if failed else 0


def check(texts: Sequence[tuple[str, str]], catalogue: Catalogue) -> None:
    """Nothing is stored when one of them cannot be: raises Rejected with the faults of every document, each with its line."""
    faults = []
    for place, text in texts:
        try:
            if reason := unsupported(parse_yaml(text, catalogue)):
                faults.append(f"{place}: {reason}")
        except SignalboxError as error:
            faults.append(f"{place}: {error}")
    if faults:
        raise Rejected("\n".join(faults))


async def secret(given: Any) -> int:
    """Values come from the terminal without being shown, or from standard input; never from the command line, which others can read."""
    if bool(given.name) is (given.what == "list"):
        say("Say it like: secret set NAME, secret forget NAME, or secret list.")
        return 2
    path = f"/api/v2/secrets/{quote(given.name, safe='')}"
    value = await asyncio.to_thread(secret_value, given.name) if given.what == "set" else ""
    async with running(settings_here()) as client:
        if given.what == "list":
            names = answered(await client.get("/api/v2/secrets"), "secrets")
            if names:
                put("\n".join(names))
            else:
                say("No secret is kept. Keep one with: secret set NAME")
            return 0
        answered(await client.put(path, {"value": value}) if value else await client.delete(path), "secrets")
    say(f"Kept. Steps may say {{{{secrets.{given.name}}}}}." if value else f"Forgotten: {given.name}.")
    return 0


def secret_value(name: str) -> str:
    """Raises Rejected when nothing is given."""
    value = getpass.getpass(f"Value of {name} (not shown): ") if sys.stdin.isatty() else sys.stdin.read()
    value = value.rstrip("\r\n")
    if not value:
        raise Rejected("No value was given, so nothing was kept.")
    return value


async def greeting(given: Any) -> int:
    """What a service such as Notion sent to this house and wants to be typed in on its page; that it was shown stands in the audit."""
    path = f"/api/v2/deliveries/greeting/{quote(given.service, safe='')}/{quote(given.account, safe='')}"
    async with running(settings_here()) as client:
        put(answered(await client.get(path), "token"))
    return 0


async def backup(given: Any) -> int:
    """Read from the file itself, so it works beside a running server and without one."""
    from storage.backup import make_backup

    settings = settings_here()
    kept = (settings.data / "secret-key").exists()  # a backup makes none
    key = secret_of(settings, "SIGNALBOX_SECRET_KEY", "secret-key") if kept else settings.get("SIGNALBOX_SECRET_KEY")
    manifest = await asyncio.to_thread(
        make_backup, settings.database_url, Path(given.file), secret_key=key, with_key=given.with_key, version=own_version(), now=SystemClock().now()
    )
    say(f"Wrote {given.file}: the database ({manifest.size:,} bytes).")
    say(KEY_INSIDE if given.with_key else KEY_OUTSIDE.format(place=settings.data / "secret-key"))
    return 0


async def restore(given: Any) -> int:
    from storage.restore import restore_backup

    settings = settings_here()
    done = await asyncio.to_thread(
        restore_backup, settings.database_url, Path(given.file), force=given.force, key_file=settings.data / "secret-key",
        given_key=settings.get("SIGNALBOX_SECRET_KEY"),
    )  # fmt: skip
    say(f"Restored {done.file} as it was at {done.manifest.made_at}; its runs go on when Signalbox is started.")
    if done.kept:
        say(f"What was there before is kept as {done.kept}; delete it when it is not needed.")
    if not done.key_fits:
        say(f"The secret key of that Signalbox is not here. Put it into {settings.data / 'secret-key'} (or SIGNALBOX_SECRET_KEY) before the start, or connect services anew.")
    return 0


async def rotate_key(given: Any) -> int:
    """On the database itself, so it needs a Signalbox that is stopped."""
    from storage.folder import new_secret
    from storage.rotating import rotate

    settings = settings_here()
    if not settings.get("SIGNALBOX_SECRET_KEY") and not (settings.data / KEY_FILE).exists():
        raise Rejected(f"There is no secret key in {settings.data} yet, so there is nothing to change. The first start makes one.")
    old = secret_of(settings, "SIGNALBOX_SECRET_KEY", KEY_FILE)
    count = await asyncio.to_thread(rotate, settings.data, settings.database_url, old=old, new=new_secret())
    say(f"Encrypted {count} secret{'s' if count != 1 else ''} anew. The new key is in {settings.data / KEY_FILE}; browsers sign in once more.")
    if settings.get("SIGNALBOX_SECRET_KEY"):
        say(f"SIGNALBOX_SECRET_KEY still names the former key: take it out, or set it to what stands in {settings.data / KEY_FILE}, before the next start.")
    if settings.shared:
        say("Give the same key to every machine that uses this database.")
    say("Backups from before need the former key.")
    return 0


def bench(given: Any) -> int:
    """Benchmarks are modules of the folder of that name, each with ``run(json)``, which says whether its goal was met."""
    from pkgutil import resolve_name

    names = {"all": BENCHMARKS, "monitoring": MONITORING, "mind": MIND}.get(given.name, (given.name,))
    more = {"parse": {"chosen": given.set}}
    met = [resolve_name(f"benchmarks.{name}:run")(given.json, **more.get(name, {})) for name in names]
    return 0 if all(met) else 1


def write_docs() -> None:
    """The generated pages of docs/reference."""
    for path, text in reference_pages().items():
        Path(path).write_text(text, encoding="utf-8")


def reference_pages() -> dict[str, str]:
    from bot.faces.terminal import reference
    from bot.faces.terminal.arguments import parser
    from connectors._kit.abilities import abilities
    from connectors._kit.shelf import find_connectors
    from engine.commands.registry import commands
    from engine.settings import SETTINGS
    from engine.workflow.schema import json_schema
    from engine.workflow.schema_page import language_page

    os.environ["COLUMNS"] = "110"
    examples = {path.stem: path.read_text(encoding="utf-8") for path in (Path(__file__).parent / "docs/examples").glob("*.yml")}
    shelf = Shelf.open({}, clock=SystemClock())
    return {
        "docs/reference/settings.md": reference.settings_page(SETTINGS, shelf.settings()),
        "docs/reference/commands.md": reference.commands_page(commands()),
        "docs/reference/command-line.md": reference.command_line_page(parser(BENCHMARKS)),
        "docs/reference/services.md": reference.services_page(shelf.services(), abilities(find_connectors()), KNOWN),
        "docs/reference/workflows.md": language_page(examples),
        "docs/reference/workflow.schema.json": json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n",
    }


COMMANDS = {
    "serve": serve, "chat": chat, "ask": ask, "parse": parse, "impact": impact, "detect": detect, "predict": predict, "root-cause": root_cause, "doctor": doctor, "export": export, "import": import_,
    "backup": backup, "restore": restore, "rotate-key": rotate_key,
    "secret": secret, "greeting": greeting,
}  # fmt: skip

if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
