"""Deliveries are ordered by the service's own API, proven by what came of it, renewed before they end, and ended when nobody wants them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest

from connectors._kit.connector import Connector
from connectors._kit.custom import Custom, Tools
from connectors._kit.description import Examples
from connectors._kit.desk import Desk
from connectors._kit.places import Place, Places
from connectors._kit.registering import Registrar
from engine.errors import Conflict, Invalid, NotFound, Rejected, SignalboxError, Transient, Unanswered
from engine.ports import Account
from storage.memory import MemoryStore
from tests.connectors.desk_rig import HeldCredentials, description
from tests.connectors.rig import NOW, SetClock
from tests.connectors.signing import shown

PUBLIC = "https://bot.acme.example"
MAKE = {"method": "POST", "path": "/hooks", "body": {"url": "{callback}", "secret": "{secret}", "of": "{project}"}}
REMOVE = {"method": "DELETE", "path": "/hooks/{id}"}


@dataclass
class Vendor:
    """Answers orders one after the other; remembers what was asked, with its values."""

    answers: list[Any] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    credentials: HeldCredentials = field(default_factory=HeldCredentials)

    async def send(self, request: Any, scope: Mapping[str, Any], *, doing: str = "", may_repeat: bool = True) -> Any:
        self.asked.append({"ask": f"{request.method} {request.path}", **scope})
        answer = self.answers.pop(0) if self.answers else {"id": len(self.asked)}
        if isinstance(answer, SignalboxError):
            raise answer
        return await answer() if callable(answer) else answer


@dataclass
class Spoken:
    tools: Any

    async def meant(self, operation: Any, said: Mapping[str, Any]) -> dict[str, Any]:
        return {f"{name}_id": "p-77" for name, wanted in operation.inputs.items() if wanted.lookup and said.get(name) == "Release"}


class Credentials(HeldCredentials):
    def scrub(self, text: str) -> str:
        return text.replace("s3cret", "•••")


class House:
    def __init__(self, registration: Mapping[str, Any], *, environ: Mapping[str, str] | None = None, **webhooks: Any) -> None:
        self.clock = SetClock(NOW)
        self.store = MemoryStore(self.clock)
        self.vendor = Vendor()
        self.public = PUBLIC
        project = {"what": "project", "request": {"method": "GET", "path": "/projects"}, "among": ""}
        self.said = description({"header": "X-Sig", "registration": registration, **webhooks}, lookups={"project": project})
        self.account = Account(service="acme", name="default", url="", mode="live")
        credentials = cast(Any, Credentials(account=self.account))
        self.vendor_tools = cast(Tools, self.vendor)
        connector = Connector(self.said, Examples(), Custom())
        self.desk = Desk(connector, credentials, environ or {}, self.clock, lambda account: self.vendor_tools, lambda: self.store.vault)
        self.place = Place(connector, credentials, cast(Any, Spoken(self.vendor)), self.desk, cast(Any, None))
        places = Places([connector], {}, "missing", lambda *_, **__: self.place, self.clock)
        self.registrar = Registrar(
            places, ledger=self.store.ledger, cursors=self.store.cursors, clock=self.clock, public_url=lambda: self.public
        )

    def given(self) -> dict[str, str]:
        """What stands behind the address that the service was told last."""
        return dict(parse_qsl(urlsplit(self.vendor.asked[-1]["callback"]).query))

    async def is_taken(self, secret: str) -> bool:
        """Whether a delivery signed by ``secret`` is believed."""
        assert self.said.webhooks is not None
        body = b'{"n": 1}'
        headers, _ = shown(self.said.webhooks, body, self.clock.now(), secret=secret)
        try:
            return bool((await self.desk.receive("default", "POST", headers, body)).happenings)
        except Rejected:
            return False


BY_PROJECT = {"request": MAKE, "wants": ["project"], "remove": REMOVE}


async def test_an_order_names_our_address_and_a_secret_of_ours_by_which_deliveries_are_proven() -> None:
    house = House(BY_PROJECT)
    watch = await house.registrar.watch("acme", "", {"project": "Release"})
    (asked,) = house.vendor.asked
    assert asked["callback"] == f"{PUBLIC}/api/v2/hooks/acme/default"
    assert (asked["project"], watch.target, watch.ends_at) == ("p-77", "Release", None)
    assert len(asked["secret"]) == 64
    assert await house.is_taken(asked["secret"])
    assert await house.desk.can_prove("default")
    assert asked["secret"] not in json.dumps([cursor.state for cursor in await house.store.cursors.under("")])


async def test_several_orders_of_an_account_share_our_secret_and_the_environments_comes_first() -> None:
    house = House(BY_PROJECT)
    for project in ("a", "b"):
        await house.registrar.watch("acme", "", {"project": project})
    assert house.vendor.asked[0]["secret"] == house.vendor.asked[1]["secret"]
    assert [watch.target for watch in await house.registrar.watches("acme")] in (["a", "b"], ["b", "a"])
    known = House(BY_PROJECT, environ={"ACME_WEBHOOK_SECRET": "set by hand"})
    await known.registrar.watch("acme", "", {"project": "a"})
    assert known.vendor.asked[0]["secret"] == "set by hand"


async def test_the_secret_that_the_service_makes_is_kept_and_goes_with_its_order() -> None:
    house = House({"request": {**MAKE, "body": {"url": "{callback}"}}, "secret": "signing.secret", "remove": REMOVE})
    house.vendor.answers = [{"id": 5, "signing": {"secret": "theirs"}}]
    await house.registrar.watch("acme", "", {})
    assert await house.is_taken("theirs")
    await house.registrar.unwatch("acme", "", {})
    assert house.vendor.asked[-1]["ask"] == "DELETE /hooks/{id}"
    assert house.vendor.asked[-1]["id"] == 5
    assert not await house.is_taken("theirs")
    assert await house.store.vault.names() == []


async def test_a_greeting_that_comes_while_it_is_ordered_gives_the_secret() -> None:
    greeting = {"header": "X-Hook-Secret", "headers": {"X-Hook-Secret": "{header}"}, "keeps": "X-Hook-Secret"}
    house = House({**BY_PROJECT, "request": {**MAKE, "body": {"url": "{callback}"}}}, handshakes=[greeting])

    async def greet(secret: str) -> dict[str, Any]:
        with pytest.raises(Rejected, match="this very address"):
            await house.desk.receive("default", "POST", {"X-Hook-Secret": "planted in time"}, b"")
        await house.desk.receive("default", "POST", {"X-Hook-Secret": secret}, b"", query=house.given())
        return {"id": secret}

    for project in ("first", "second"):
        house.vendor.answers = [lambda project=project: greet(project)]
        await house.registrar.watch("acme", "", {"project": project})
    assert [await house.is_taken(secret) for secret in ("first", "second", "planted")] == [True, True, False]
    with pytest.raises(Rejected, match="none is taken"):
        await house.desk.receive("default", "POST", {"X-Hook-Secret": "planted"}, b"")


async def test_what_is_ordered_already_what_is_not_said_and_what_cannot_be_reached_is_refused() -> None:
    house = House(BY_PROJECT)
    with pytest.raises(Invalid, match="project"):
        await house.registrar.watch("acme", "", {})
    with pytest.raises(Invalid, match="not known here"):
        await house.registrar.watch("acme", "", {"project": "a", "colour": "red"})
    await house.registrar.watch("acme", "", {"project": "a"})
    with pytest.raises(Conflict, match="already"):
        await house.registrar.watch("acme", "", {"project": " a "})
    house.public = ""
    with pytest.raises(Rejected, match="SIGNALBOX_PUBLIC_URL"):
        await house.registrar.watch("acme", "", {"project": "b"})
    assert len(house.vendor.asked) == 1


async def test_a_service_without_orders_says_how_it_is_set_up_by_hand() -> None:
    house = House(BY_PROJECT)
    object.__setattr__(house.said.webhooks, "registration", None)
    object.__setattr__(house.said.webhooks, "manual", "In Acme under Settings.")
    with pytest.raises(Rejected, match=r"In Acme under Settings\..*ACME_WEBHOOK_SECRET"):
        house.registrar.asks("acme")
    assert house.registrar.address("acme", "ops") == f"{PUBLIC}/api/v2/hooks/acme/ops"


async def test_an_order_that_is_refused_leaves_nothing_behind_and_its_words_hold_no_secret() -> None:
    house = House(BY_PROJECT)
    house.vendor.answers = [Rejected("Acme refused s3cret.")]
    with pytest.raises(Rejected, match="•••"):
        await house.registrar.watch("acme", "", {"project": "a"})
    assert await house.registrar.watches() == []
    await house.registrar.watch("acme", "", {"project": "a"})


async def test_a_service_that_says_our_secret_back_does_not_make_it_known() -> None:
    house = House(BY_PROJECT, environ={"ACME_WEBHOOK_SECRET": "of the deliveries"})
    house.vendor.answers = [Rejected("“of the deliveries” is too short.")]
    with pytest.raises(Rejected, match="“•••” is too short"):
        await house.registrar.watch("acme", "", {"project": "a"})


async def test_an_order_cut_off_by_a_crash_is_seen_and_can_be_given_again() -> None:
    house = House(BY_PROJECT)

    async def crash() -> Any:
        raise KeyboardInterrupt

    house.vendor.answers = [crash]
    with pytest.raises(KeyboardInterrupt):
        await house.registrar.watch("acme", "", {"project": "a"})
    (cut_off,) = await house.registrar.watches()
    assert "no answer is known" in cut_off.trouble
    assert (await house.registrar.watch("acme", "", {"project": "a"})).trouble == ""


async def test_an_order_without_an_answer_stays_says_so_and_what_came_of_it_is_believed() -> None:
    greeting = {"header": "X-Hook-Secret", "headers": {"X-Hook-Secret": "{header}"}, "keeps": "X-Hook-Secret"}
    house = House({**BY_PROJECT, "request": {**MAKE, "body": {"url": "{callback}"}}}, handshakes=[greeting])
    house.vendor.answers = [Unanswered("Acme did not answer in time.")]
    with pytest.raises(Unanswered):
        await house.registrar.watch("acme", "", {"project": "a"})
    (cut_off,) = await house.registrar.watches()
    assert "no answer is known" in cut_off.trouble
    await house.desk.receive("default", "POST", {"X-Hook-Secret": "it was ordered after all"}, b"", query=house.given())
    assert await house.is_taken("it was ordered after all")


async def test_a_service_set_up_by_hand_is_listened_to_for_ten_minutes_once_somebody_says_so() -> None:
    greeting = {"where": {"verification_token": {"exists": True}}, "keeps": "verification_token"}
    house = House(BY_PROJECT, handshakes=[greeting], manual="In Acme under Webhooks.")
    assert await house.registrar.expect("acme", "") == ""  # it takes orders, and is asked for them
    object.__setattr__(house.said.webhooks, "registration", None)
    for late, taken in ((601, False), (599, True)):
        then = await house.registrar.expect("acme", "")
        word = {"greet": then.partition(f"{PUBLIC}/api/v2/hooks/acme/default?greet=")[2].partition(" ")[0]}
        assert len(word["greet"]) > 20
        assert "In Acme under Webhooks." in then
        assert "/api/v2/deliveries/greeting/acme/default" in then
        await house.clock.sleep(late)
        if not taken:
            with pytest.raises(Rejected, match="none is taken"):
                await house.desk.receive("default", "POST", {}, b'{"verification_token": "theirs"}', query=word)
    await house.desk.receive("default", "POST", {}, b'{"verification_token": "theirs"}', query=word)
    assert await house.is_taken("theirs")
    assert await house.registrar.greeting("acme", "") == "theirs"
    house.public = ""
    with pytest.raises(Rejected, match="SIGNALBOX_PUBLIC_URL"):
        await house.registrar.expect("acme", "")


async def test_a_service_that_gives_no_secret_is_not_asked_before_one_is_known() -> None:
    bare = {"request": {**MAKE, "body": {"url": "{callback}"}}}
    with pytest.raises(Rejected, match=r"gives no secret.*ACME_WEBHOOK_SECRET"):
        await House(bare).registrar.watch("acme", "", {})
    assert (await House(bare, environ={"ACME_WEBHOOK_SECRET": "by hand"}).registrar.watch("acme", "", {})).trouble == ""


async def test_an_answer_that_should_hold_the_secret_and_does_not_is_shown() -> None:
    house = House({"request": {**MAKE, "body": {"url": "{callback}"}}, "secret": "secret"})
    assert "refused until ACME_WEBHOOK_SECRET" in (await house.registrar.watch("acme", "", {})).trouble


async def test_what_a_sender_greeted_with_can_be_read_and_nothing_that_we_made() -> None:
    greeting = {"where": {"verification_token": {"exists": True}}, "keeps": "verification_token"}
    house = House(BY_PROJECT, handshakes=[greeting])
    with pytest.raises(NotFound, match="No greeting of Acme"):
        await house.registrar.greeting("acme", "")
    word = await house.desk.secrets.expect("default", "greeting")
    await house.desk.receive("default", "POST", {}, b'{"verification_token": "from acme"}', query={"greet": word})
    assert await house.registrar.greeting("acme", "default") == "from acme"


# --- time ----------------------------------------------------------------------------------------------------------------

FOR_A_WEEK = {"request": MAKE, "lasts": 604_800, "expires": "ends", "remove": REMOVE}
RENEW = {"method": "PATCH", "path": "/hooks/{id}", "body": {"until": "{expires}"}}


async def test_an_order_is_renewed_when_a_third_of_its_time_is_left_and_not_before() -> None:
    house = House({**FOR_A_WEEK, "renew": RENEW})
    watch = await house.registrar.watch("acme", "", {})
    assert watch.ends_at == NOW + timedelta(days=7)
    await house.clock.sleep(4.5 * 86_400)
    await house.registrar.renew()
    assert len(house.vendor.asked) == 1
    await house.clock.sleep(0.3 * 86_400)
    await house.registrar.renew()
    await house.registrar.renew()
    assert [asked["ask"] for asked in house.vendor.asked] == ["POST /hooks", "PATCH /hooks/{id}"]
    assert house.vendor.asked[1]["id"] == 1
    assert (await house.registrar.watches())[0].ends_at == house.clock.now() + timedelta(days=7)


async def test_what_the_answer_says_of_its_end_counts() -> None:
    house = House({**FOR_A_WEEK, "renew": RENEW})
    house.vendor.answers = [{"id": 1, "ends": str(int((NOW + timedelta(hours=3)).timestamp() * 1000))}]
    assert (await house.registrar.watch("acme", "", {})).ends_at == NOW + timedelta(hours=3)


async def test_what_cannot_be_prolonged_is_ordered_anew_and_the_old_one_ended() -> None:
    house = House(FOR_A_WEEK)
    house.vendor.answers = [{"id": "old"}, {"id": "new"}]
    await house.registrar.watch("acme", "", {})
    await house.clock.sleep(5 * 86_400)
    await house.registrar.renew()
    assert [(asked["ask"], asked.get("id")) for asked in house.vendor.asked[1:]] == [("POST /hooks", "old"), ("DELETE /hooks/{id}", "old")]
    assert house.vendor.asked[0]["secret"] == house.vendor.asked[1]["secret"]


async def test_a_renewal_that_fails_is_shown_and_tried_again_soon() -> None:
    house = House({**FOR_A_WEEK, "renew": RENEW})
    await house.registrar.watch("acme", "", {})
    await house.clock.sleep(5 * 86_400)
    house.vendor.answers = [Transient("Acme is down."), {}]
    for _ in range(3):
        await house.registrar.renew()
    assert (await house.registrar.watches())[0].trouble == "Acme is down."
    assert len(house.vendor.asked) == 2
    await house.clock.sleep(601)
    await house.registrar.renew()
    assert (await house.registrar.watches())[0].trouble == ""


# --- ending --------------------------------------------------------------------------------------------------------------


async def test_disconnecting_ends_every_order_even_one_that_the_service_does_not_take_back() -> None:
    house = House(BY_PROJECT)
    for project in ("a", "b"):
        await house.registrar.watch("acme", "", {"project": project})
    secret = house.vendor.asked[0]["secret"]
    house.vendor.answers = [NotFound("It is gone."), Transient("Acme is down.")]
    await house.registrar.end("acme", "default")
    assert [asked["ask"] for asked in house.vendor.asked[2:]] == ["DELETE /hooks/{id}"] * 2
    assert await house.registrar.watches() == []
    assert await house.store.vault.names() == []
    assert not await house.is_taken(secret)


async def test_which_order_is_to_end_has_to_be_said_where_there_are_several() -> None:
    house = House(BY_PROJECT)
    for project in ("a", "b"):
        await house.registrar.watch("acme", "", {"project": project})
    with pytest.raises(NotFound, match=r"“a”.*“b”|“b”.*“a”"):
        await house.registrar.unwatch("acme", "", {})
    assert (await house.registrar.unwatch("acme", "", {"project": "b"})).target == "b"
    assert (await house.registrar.unwatch("acme", "", {})).target == "a"
