"""Deliveries that a vendor signs with keys it publishes: the genuine are believed, whatever was signed by others, for others or long ago is not."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey

from connectors._kit.custom import Delivered, Memory, Tools
from connectors._kit.shelf import find_connectors
from connectors._kit.vendor_tokens import Issuer, shown_by
from connectors._kit.wire import WireAnswer
from connectors.google_chat.hooks import CUSTOM as GOOGLE_CHAT
from connectors.teams.hooks import CUSTOM as TEAMS
from engine.errors import Forbidden, SignalboxError, Transient
from tests.connectors.desk_rig import HeldCredentials
from tests.connectors.loopback import answer, serving
from tests.connectors.rig import NOW, SetClock, open_shelf

OURS, STRANGER = (RSAKey.generate_key(2048, {"kid": "k1"}) for _ in range(2))
KEYS = "https://keys.example/published"
ISSUER = Issuer(keys_at=KEYS, names=("https://vendor.example",), audience="app-1")


def public(key: RSAKey, **more: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **more}


def certificate(key: RSAKey) -> str:
    """Self-signed, as Google publishes its keys."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "chat@system.gserviceaccount.com")])
    private = cast(RSAPrivateKey, key.private_key)
    built = x509.CertificateBuilder(
        name, name, private.public_key(), 1, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    )
    return built.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@dataclass
class Published:
    """What stands at public addresses, and how often each was read."""

    pages: dict[str, Any]
    read: list[str] = field(default_factory=list)

    async def send(
        self, method: str, url: Any, headers: Mapping[str, str], content: bytes | None, *, may_repeat: bool, total: float
    ) -> WireAnswer:
        self.read.append(str(url))
        found = self.pages.get(str(url))
        if isinstance(found, SignalboxError):
            raise found
        return WireAnswer(200 if found is not None else 404, {}, json.dumps(found).encode())


@dataclass
class Held:
    """As much of ``Tools`` as a proof needs."""

    web: Published
    clock: SetClock = field(default_factory=SetClock)
    credentials: HeldCredentials = field(default_factory=HeldCredentials)

    def __post_init__(self) -> None:
        self.memory = Memory(self.clock)

    @property
    def tools(self) -> Tools:
        return cast(Tools, self)


def held(*keys: Mapping[str, Any], **settings: str) -> Held:
    return Held(Published({KEYS: {"keys": list(keys or [public(OURS)])}}), credentials=HeldCredentials(settings))


def token(key: Any = OURS, *, kid: str = "k1", alg: str = "RS256", **claims: Any) -> str:
    said = {"iss": "https://vendor.example", "aud": "app-1", "iat": seconds(0), "exp": seconds(600), **claims}
    kept = {name: value for name, value in said.items() if value is not None}
    return "Bearer " + jwt.encode({"alg": alg, "kid": kid}, kept, key, algorithms=[alg])


def seconds(after: float) -> int:
    return int((NOW + timedelta(seconds=after)).timestamp())


async def test_a_token_that_the_vendor_signed_for_us_is_believed() -> None:
    shown = await shown_by(token(sub="anna"), ISSUER, held().tools, name="Acme")
    assert (shown.claims["sub"], shown.key["kid"]) == ("anna", "k1")


async def test_keys_are_found_through_a_metadata_document_and_in_certificates() -> None:
    for pages in (
        {KEYS: {"issuer": "x", "jwks_uri": "https://keys.example/jwks"}, "https://keys.example/jwks": {"keys": [public(OURS)]}},
        {KEYS: {"k1": certificate(OURS)}},
    ):
        shown = await shown_by(token(), ISSUER, Held(Published(pages)).tools, name="Acme")
        assert shown.claims["aud"] == "app-1"


def signed_with_the_public_key() -> str:
    """By hand: no library lends itself to it."""
    said = {"iss": "https://vendor.example", "aud": "app-1", "exp": seconds(600)}
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS256", "kid": "k1"}, said)]
    proof = hmac.new(OURS.as_pem(private=False), b".".join(parts), hashlib.sha256).digest()
    return "Bearer " + b".".join([*parts, urlsafe_b64encode(proof).rstrip(b"=")]).decode()


FORGED = {
    "of another audience": token(aud="app-2"),
    "of another issuer": token(iss="https://else.example"),
    "without an issuer": token(iss=None),
    "that is out of date": token(exp=seconds(-301)),
    "that never ends": token(exp=None),
    "that counts only later": token(nbf=seconds(400)),
    "signed by somebody else under the same id": token(STRANGER),
    "signed by a key nobody publishes": token(kid="k9"),
    "signed with the public key as a shared secret": signed_with_the_public_key(),
    "that is none": "Bearer abc.def",
    "of another kind": token().replace("Bearer", "Basic"),
    "that is not there": "",
}


@pytest.mark.parametrize("what", sorted(FORGED))
async def test_a_token_is_refused(what: str) -> None:
    with pytest.raises(Forbidden):
        await shown_by(FORGED[what], ISSUER, held().tools, name="Acme")


async def test_keys_are_read_once_and_once_more_for_one_that_is_not_known_but_not_for_every_stranger() -> None:
    rig = held()
    for _ in range(3):
        await shown_by(token(), ISSUER, rig.tools, name="Acme")
    assert len(rig.web.read) == 1
    for kid in ("k8", "k9", "k10"):
        with pytest.raises(Forbidden, match="does not publish"):
            await shown_by(token(kid=kid), ISSUER, rig.tools, name="Acme")
    assert len(rig.web.read) == 2
    await rig.clock.sleep(301)
    rig.web.pages[KEYS] = {"keys": [public(OURS), {**public(STRANGER), "kid": "k9"}]}
    await shown_by(token(STRANGER, kid="k9", iat=seconds(301), exp=seconds(900)), ISSUER, rig.tools, name="Acme")
    assert len(rig.web.read) == 3


@pytest.mark.parametrize("page", [None, "no keys", Transient("keys.example could not be reached.")])
async def test_while_the_keys_cannot_be_had_the_sender_is_told_to_come_again(page: Any) -> None:
    with pytest.raises(Transient, match="cannot be proven yet"):
        await shown_by(token(), ISSUER, Held(Published({KEYS: page})).tools, name="Acme")


# --- Teams ----------------------------------------------------------------------------------------------------------------

SERVICE = "https://smba.trafficmanager.net/emea/"
ACTIVITY = {"type": "message", "id": "1", "channelId": "msteams", "serviceUrl": SERVICE, "text": "hi"}
BOT: dict[str, Any] = {"iss": "https://api.botframework.com", "serviceurl": SERVICE}


def sent(body: Any, *, shown: str = "", secrets: tuple[str, ...] = ()) -> Delivered:
    headers = {"authorization": shown} if shown else {}
    return Delivered("POST", headers, {}, json.dumps(body).encode(), secrets=secrets)


def teams(endorsed: tuple[str, ...] = ("msteams",)) -> Tools:
    return held(public(OURS, endorsements=list(endorsed)), bot_app="app-1", bot_keys=KEYS).tools


async def prove(custom: Any, delivered: Delivered, tools: Tools) -> None:
    await custom.prove(delivered, tools)


async def test_a_bot_s_message_is_believed_when_the_bot_framework_signed_it_for_us_and_for_that_address() -> None:
    await prove(TEAMS, sent(ACTIVITY, shown=token(**BOT)), teams())


@pytest.mark.parametrize(
    ("body", "shown", "tools", "sentence"),
    [
        ({**ACTIVITY, "serviceUrl": "https://evil.example/"}, token(**BOT), teams(), "another address"),
        (ACTIVITY, token(**{**BOT, "serviceurl": None}), teams(), "another address"),
        (ACTIVITY, token(**BOT), teams(("webchat",)), "not one for Microsoft Teams"),
        (ACTIVITY, token(**{**BOT, "iss": "https://sts.windows.net/x/"}), teams(), "not genuine"),
        (ACTIVITY, token(**BOT), held(public(OURS), bot_keys=KEYS).tools, "TEAMS_BOT_APP_ID"),
    ],
)
async def test_a_bot_s_message_is_refused_otherwise(body: Any, shown: str, tools: Tools, sentence: str) -> None:
    with pytest.raises(Forbidden, match=sentence):
        await prove(TEAMS, sent(body, shown=shown), tools)


async def test_every_notification_of_graph_must_hold_the_secret_of_a_subscription_of_ours() -> None:
    ours, wrong = {"clientState": "s3cret", "changeType": "created"}, {"clientState": "guess"}
    await prove(TEAMS, sent({"value": [ours, ours]}, secrets=("old", "s3cret")), teams())
    altered: list[Any] = [{"value": [ours, wrong]}, {"value": [ours, {}]}, {"value": []}, {"value": "s3cret"}, {}, [1], None]
    for body in altered:
        with pytest.raises(Forbidden, match="does not hold the secret"):
            await prove(TEAMS, sent(body, secrets=("s3cret",)), teams())
    with pytest.raises(Forbidden, match="does not hold the secret"):
        await prove(TEAMS, sent({"value": [{"clientState": ""}]}, secrets=()), teams())


# --- Google Chat ----------------------------------------------------------------------------------------------------------

CHAT = "chat@system.gserviceaccount.com"


async def test_a_message_of_google_chat_is_believed_by_project_number_and_by_the_address_of_the_endpoint() -> None:
    by_number = Held(
        Published({KEYS: {"k1": certificate(OURS)}}), credentials=HeldCredentials({"audience": "1234567890", "app_keys": KEYS})
    )
    await prove(GOOGLE_CHAT, sent({}, shown=token(iss=CHAT, aud="1234567890")), by_number.tools)
    address = "https://bot.acme.example/api/v2/hooks/google_chat/default"
    google: dict[str, Any] = {"iss": "https://accounts.google.com", "aud": address, "email_verified": True}
    by_address = held(audience=address, id_keys=KEYS).tools
    await prove(GOOGLE_CHAT, sent({}, shown=token(**google, email=CHAT)), by_address)
    for somebody in ({"email": "mallory@gmail.example"}, {"email": CHAT, "email_verified": False}, {}):
        with pytest.raises(Forbidden, match="not that of Google Chat"):
            await prove(GOOGLE_CHAT, sent({}, shown=token(**{**google, **somebody})), by_address)


async def test_nothing_of_google_chat_is_taken_until_it_is_said_for_whom_it_must_be_meant() -> None:
    with pytest.raises(Forbidden, match="GOOGLE_CHAT_AUDIENCE"):
        await prove(GOOGLE_CHAT, sent({}, shown=token(iss=CHAT)), held().tools)


# --- all of it ------------------------------------------------------------------------------------------------------------


async def test_a_message_said_to_the_app_of_google_chat_becomes_its_event_and_chat_hears_nothing_but_that_it_came() -> None:
    payload = next(c for c in find_connectors() if c.id == "google_chat").examples.triggers["message_posted"].payload
    async with serving(answer("200 OK", json.dumps({"k1": certificate(OURS)}).encode())) as keys:
        environ = {"GOOGLE_CHAT_AUDIENCE": "1234567890", "GOOGLE_CHAT_APP_KEYS_URL": keys.url, "SIGNALBOX_HTTP_ALLOW_PRIVATE": "true"}
        shelf = open_shelf(environ)
        body, shown = json.dumps(payload).encode(), {"Authorization": token(iss=CHAT, aud="1234567890")}
        reply = await shelf.receive("google_chat", "", "POST", shown, body)
        again = await shelf.receive("google_chat", "", "POST", shown, body)
        with pytest.raises(Forbidden):
            await shelf.receive("google_chat", "", "POST", {"Authorization": token(STRANGER, iss=CHAT, aud="1234567890")}, body)
        with pytest.raises(Forbidden):
            await shelf.receive("google_chat", "", "POST", {}, body)
    assert (reply.status, reply.body, [one.event for one in reply.happenings]) == (200, b"{}", ["message_posted"])
    assert [one.id for one in reply.happenings] == [one.id for one in again.happenings]
    assert len(keys.requests) == 1


async def test_a_message_said_to_a_bot_of_teams_becomes_its_event() -> None:
    async with serving(answer("200 OK", json.dumps({"keys": [public(OURS, endorsements=["msteams"])]}).encode())) as keys:
        environ = {"TEAMS_BOT_APP_ID": "app-1", "TEAMS_BOT_OPENID_URL": keys.url, "SIGNALBOX_HTTP_ALLOW_PRIVATE": "true"}
        activity = {**ACTIVITY, "from": {"name": "Anna"}, "conversation": {"id": "19:abc@thread.tacv2;messageid=7"}}
        reply = await open_shelf(environ).receive("teams", "", "POST", {"Authorization": token(**BOT)}, json.dumps(activity).encode())
    assert [(one.event, one.data["text"], one.data["user"], one.data["thread"]) for one in reply.happenings] == [
        ("message_posted", "hi", "Anna", "7")
    ]
