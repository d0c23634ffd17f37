"""The REST face: who asks, where its cards go, and waiting for a run to end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from fastapi import Request

from bot.faces.face import Conversation, FaceState
from bot.faces.rest.desk import Desk
from engine.errors import Invalid, Problem, Rejected
from engine.events import Event, RunMoved, RunStarted
from engine.parties import Actor, Address
from engine.ports import Clock, Feed, Sandbox, Store
from engine.workflow.calendar import check_zone
from engine.workflow.run import RunRecord, RunState

PATIENCE = 20.0  # seconds an execution is waited for; then 202 and the run goes on
HOME = "#ops"


class RestFace:
    """Everything the routes need. ``home``: the face whose channels are meant when none is named."""

    name = "rest"

    def __init__(
        self,
        desk: Desk,
        conversation: Conversation,
        store: Store,
        feed: Feed,
        sandbox: Sandbox,
        clock: Clock,
        *,
        home: str = "web",
        patience: float = PATIENCE,
    ) -> None:
        self.desk = desk
        self.conversation = conversation
        self.store = store
        self.feed = feed
        self.sandbox = sandbox
        self.clock = clock
        self.closing = asyncio.Event()
        self._home = home
        self._patience = patience
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._started = False

    async def start(self) -> None:
        if not self._started:
            self.store.ledger.listen(self._heard)
            self._started = True

    async def stop(self) -> None:
        """End the event streams and the waiting for runs at once."""
        self.closing.set()
        for waiting in list(self._waiting.values()):
            for news in waiting:
                news.set()

    def state(self) -> FaceState:
        return FaceState(self.name, configured=True, ready=self._started and not self.closing.is_set())

    # --- who and where -----------------------------------------------------------------------------------------------

    def actor(self, name: str = "", timezone: str = "") -> Actor:
        """Always the holder of the token; ``name`` is only shown. Raises Invalid for a zone that is none."""
        if timezone:
            try:
                check_zone(timezone)
            except Invalid as error:
                raise Invalid(str(error), [Problem(str(error), ("timezone",))]) from error
        return Actor(face=self.name, user="api", name=" ".join(name.split()) or "API", timezone=timezone)

    def where(self, channel: str = "") -> Address:
        """``#name`` of the home face or ``face:channel``. Raises Rejected."""
        return Address.parse(channel or HOME, default_face=self._home)

    def key(self, request: Request) -> str:
        """What identifies this request for ever: its ``Idempotency-Key``, else a new one each time. Raises Rejected."""
        given = request.headers.get("idempotency-key", "").strip()
        if len(given) > 200:
            raise Rejected("An Idempotency-Key has at most 200 characters.")
        return f"rest:{given}" if given else self.clock.new_id("rest")

    # --- runs --------------------------------------------------------------------------------------------------------

    async def ended(self, run_id: str) -> RunRecord | None:
        """The run once it is over or waits for somebody, or as it is when patience ends; None when there is none."""
        news = asyncio.Event()
        self._waiting.setdefault(run_id, set()).add(news)
        try:
            async with asyncio.timeout(self._patience):
                while True:
                    run = await self.store.runs.get(run_id)
                    if run is None or run.state is not RunState.RUNNING or self.closing.is_set():
                        return run
                    await news.wait()
                    news.clear()
        except TimeoutError:
            return await self.store.runs.get(run_id)
        finally:
            self._waiting[run_id].discard(news)
            if not self._waiting[run_id]:
                del self._waiting[run_id]

    def _heard(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, (RunMoved, RunStarted)):
                run_id = event.run_id if isinstance(event, RunMoved) else event.run.id
                for news in self._waiting.get(run_id, ()):
                    news.set()
