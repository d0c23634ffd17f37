"""Every way a delivery can show who sent it: the genuine is taken, and whatever was changed, aged or signed by somebody else is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors._kit.custom import Custom, Delivered, Tools
from connectors._kit.signature import is_genuine, moment_of, sign
from engine.errors import Forbidden, Transient
from tests.connectors.desk_rig import URL, DeskRig, description
from tests.connectors.rig import NOW
from tests.connectors.signing import PUBLIC_KEY, secret_for, shown

SCHEMES: dict[str, dict[str, Any]] = {
    "slack": {
        "header": "X-Slack-Signature",
        "prefix": "v0=",
        "over": "v0:{timestamp}:{body}",
        "timestamp_header": "X-Slack-Request-Timestamp",
    },
    "stripe": {"header": "Stripe-Signature", "parts": {"timestamp": "t", "signature": "v1"}, "over": "{timestamp}.{body}"},
    "hubspot": {
        "header": "X-HubSpot-Signature-v3",
        "encoding": "base64",
        "over": "{method}{url}{body}{timestamp}",
        "timestamp_header": "X-HubSpot-Request-Timestamp",
        "timestamp_in": "ms",
    },
    "zendesk": {
        "header": "X-Zendesk-Webhook-Signature",
        "encoding": "base64",
        "over": "{timestamp}{body}",
        "timestamp_header": "X-Zendesk-Webhook-Signature-Timestamp",
        "timestamp_in": "date",
    },
    "box": {
        "header": "BOX-SIGNATURE-PRIMARY",
        "other_headers": ["BOX-SIGNATURE-SECONDARY"],
        "encoding": "base64",
        "over": "{body}{timestamp}",
        "timestamp_header": "BOX-DELIVERY-TIMESTAMP",
        "timestamp_in": "date",
    },
    "standard webhooks": {
        "header": "webhook-signature",
        "prefix": "v1,",
        "encoding": "base64",
        "over": "{id}.{timestamp}.{body}",
        "timestamp_header": "webhook-timestamp",
        "id_header": "webhook-id",
        "decoded_secret": "whsec_",
    },
    "discord": {
        "scheme": "ed25519",
        "header": "X-Signature-Ed25519",
        "over": "{timestamp}{body}",
        "timestamp_header": "X-Signature-Timestamp",
    },
    "trello": {"header": "X-Trello-Webhook", "algorithm": "sha1", "encoding": "base64", "over": "{body}{url}"},
    "gitlab": {"scheme": "token", "header": "X-Gitlab-Token"},
    "monday": {"scheme": "token", "token_query": "token"},
}
TIMED = [name for name, said in SCHEMES.items() if "timestamp" in str(said)]


def rig(name: str, **more: Any) -> DeskRig:
    said = description(SCHEMES[name])
    assert said.webhooks is not None
    return DeskRig(SCHEMES[name], secret=secret_for(said.webhooks), **more)


def headers_of(name: str) -> dict[str, str]:
    return {"webhook-id": "msg_1"} if name == "standard webhooks" else {}


@pytest.mark.parametrize("name", SCHEMES)
async def test_a_genuine_delivery_is_taken_and_told_once_for_ever(name: str) -> None:
    house = rig(name)
    first = await house.deliver({"n": 1}, headers=headers_of(name))
    again = await house.deliver({"n": 1}, headers=headers_of(name))
    assert [(h.event, h.data) for h in first.happenings] == [("happened", {"n": 1})]
    assert first.happenings[0].id == again.happenings[0].id


@pytest.mark.parametrize("name", [name for name, said in SCHEMES.items() if said.get("scheme") != "token"])
async def test_an_altered_body_is_refused(name: str) -> None:
    with pytest.raises(Forbidden, match="is wrong"):
        await rig(name).deliver({"n": 1}, body=b'{"n": 9}', headers=headers_of(name))


@pytest.mark.parametrize("name", SCHEMES)
async def test_what_somebody_else_signed_is_refused(name: str) -> None:
    house = rig(name)
    if name == "discord":
        house.desk.secrets._environ = {"ACME_WEBHOOK_SECRET": "00" * 32}
        with pytest.raises(Forbidden):
            await house.deliver({"n": 1})
        return
    other = "whsec_YW5vdGhlcg==" if name == "standard webhooks" else "another"
    with pytest.raises(Forbidden, match="is wrong"):
        await house.deliver({"n": 1}, secret=other, headers=headers_of(name))


@pytest.mark.parametrize("name", TIMED)
async def test_an_old_delivery_is_refused_and_so_is_one_from_the_future(name: str) -> None:
    house = rig(name)
    body = b'{"n": 1}'
    proof, query = shown(house.scheme, body, NOW, secret=house.secret, url=URL, headers=dict.fromkeys(["webhook-id"], "m"))
    assert (await house.desk.receive("", "POST", proof, body, query=query, url=URL)).status == 202
    for seconds in (301, -602):
        await house.clock.sleep(seconds)
        with pytest.raises(Forbidden, match="old delivery"):
            await house.desk.receive("", "POST", proof, body, query=query, url=URL)


@pytest.mark.parametrize("name", TIMED)
async def test_a_time_that_is_signed_cannot_be_left_out_or_be_nonsense(name: str) -> None:
    house = rig(name)
    header = house.scheme.timestamp_header
    if not header:
        header = house.scheme.header
        broken = ({header: "v1=abc"}, {header: "t=soon,v1=abc"})
    else:
        broken = ({house.scheme.header: "x"}, {house.scheme.header: "x", header: "soon"})
    for headers in broken:
        with pytest.raises(Forbidden, match=r"does not say when|off"):
            await house.desk.receive("", "POST", headers, b"{}", url=URL)


async def test_one_of_several_signatures_is_enough_while_keys_are_changed() -> None:
    stripe, box = rig("stripe"), rig("box")
    now = str(int(NOW.timestamp()))
    proof = sign(stripe.scheme, "test-secret", b"{}", timestamp=now)
    reply = await stripe.desk.receive("", "POST", {"Stripe-Signature": f"t={now},v1=old,v0=x,v1={proof}"}, b"{}")
    assert reply.status == 202
    when = NOW.isoformat()
    second = sign(box.scheme, "test-secret", b"{}", timestamp=when)
    shown_by = {"BOX-SIGNATURE-PRIMARY": "stale", "BOX-SIGNATURE-SECONDARY": second, "BOX-DELIVERY-TIMESTAMP": when}
    assert (await box.desk.receive("", "POST", shown_by, b"{}")).status == 202


async def test_the_vendors_published_examples_agree() -> None:
    # Standard Webhooks' reference libraries share this test vector.
    said = description(SCHEMES["standard webhooks"]).webhooks
    assert said is not None
    body = b'{"test": 2432232314}'
    signature = sign(said, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", body, timestamp="1614265330", delivery="msg_p5jXN8AQM9LWM0D4loKWxJek")
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_what_is_signed_is_what_the_sender_wrote_down_byte_for_byte() -> None:
    house = rig("hubspot")
    body = '{"n":  1, "text": "åäö"}'.encode()
    stamp = str(int(NOW.timestamp() * 1000))
    message = b"POST" + URL.encode() + body + stamp.encode()
    proof = base64.b64encode(hmac.new(b"test-secret", message, hashlib.sha256).digest()).decode()
    headers = {"X-HubSpot-Signature-v3": proof, "X-HubSpot-Request-Timestamp": stamp}
    assert (await house.desk.receive("", "POST", headers, body, url=URL)).status == 202
    with pytest.raises(Forbidden):
        await house.desk.receive("", "POST", headers, body, url=URL + "?more=1")


async def test_a_secret_that_cannot_be_decoded_names_its_setting() -> None:
    house = DeskRig(SCHEMES["standard webhooks"], secret="whsec_not base64!")
    with pytest.raises(Forbidden, match=r"ACME_WEBHOOK_SECRET.*Copy it again"):
        await house.desk.receive(
            "", "POST", {"webhook-signature": "v1,x", "webhook-timestamp": str(int(NOW.timestamp())), "webhook-id": "m"}, b"{}"
        )


async def test_a_secret_in_the_body_must_be_in_every_item() -> None:
    house = DeskRig({"scheme": "token", "token_path": "value[].clientState", "each": "value", "each_id": "id"})
    good, bad = {"clientState": "test-secret", "id": "a", "n": 1}, {"clientState": "guess", "id": "b", "n": 2}
    reply = await house.desk.receive("", "POST", {}, json.dumps({"value": [good]}).encode())
    assert [(h.id, h.data["n"]) for h in reply.happenings] == [("a", 1)]
    values: list[Any] = [[good, bad], [], [{}], None]
    for value in values:
        with pytest.raises(Forbidden, match="does not hold the secret"):
            await house.desk.receive("", "POST", {}, json.dumps({"value": value}).encode())


async def test_own_ways_of_proof_are_left_to_the_hooks_which_see_the_kept_secrets_and_the_query() -> None:
    seen: list[Delivered] = []

    async def prove(delivered: Delivered, tools: Tools) -> None:
        seen.append(delivered)
        if delivered.query.get("who") != "me":
            raise Forbidden("Not signed by Acme.")

    house = DeskRig({"scheme": "own"}, custom=Custom(prove=prove))
    assert (await house.desk.receive("ops", "POST", {}, b'{"n": 1}', query={"who": "me"}, url=URL)).status == 202
    assert (seen[0].secrets, seen[0].account, seen[0].url) == (("test-secret",), "ops", URL)
    with pytest.raises(Forbidden, match="Acme"):
        await house.desk.receive("ops", "POST", {}, b'{"n": 1}')
    assert "test-secret" not in repr(seen[0])


async def test_hooks_that_fail_are_no_proof_and_the_sender_is_told_to_send_again() -> None:
    async def prove(delivered: Delivered, tools: Tools) -> None:
        raise KeyError("kid")

    with pytest.raises(Transient, match="could not be judged"):
        await DeskRig({"scheme": "jwt"}, custom=Custom(prove=prove)).desk.receive("", "POST", {}, b"{}")
    with pytest.raises(Forbidden, match="can be proven"):
        await DeskRig({"scheme": "own"}).desk.receive("", "POST", {}, b"{}")


@settings(max_examples=60, deadline=None)
@given(header=st.text(max_size=80), stamp=st.text(max_size=30))
async def test_no_header_however_odd_is_more_than_wrong(header: str, stamp: str) -> None:
    for name in ("slack", "stripe", "standard webhooks", "discord"):
        house = rig(name)
        headers = {house.scheme.header: header, "webhook-id": "m"}
        if house.scheme.timestamp_header:
            headers[house.scheme.timestamp_header] = stamp
        with pytest.raises(Forbidden):
            await house.desk.receive("", "POST", headers, b"{}")


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=60), change=st.integers(0, 59), key=st.sampled_from([PUBLIC_KEY]))
def test_a_public_key_proves_the_body_and_nothing_else(body: bytes, change: int, key: str) -> None:
    said = description(SCHEMES["discord"]).webhooks
    assert said is not None
    headers, _ = shown(said, body, NOW)
    lower = {name.lower(): value for name, value in headers.items()}
    assert is_genuine(said, key, lower, body)
    changed = bytearray(body + b"\0")
    changed[change % len(changed)] ^= 1
    assert not is_genuine(said, key, lower, bytes(changed))


def test_moments_are_read_as_each_vendor_writes_them() -> None:
    slack, zendesk = description(SCHEMES["slack"]).webhooks, description(SCHEMES["zendesk"]).webhooks
    assert slack is not None
    assert zendesk is not None
    assert moment_of(slack, str(int(NOW.timestamp()))) == NOW
    assert moment_of(zendesk, "2026-11-23T09:00:00Z") == NOW == moment_of(zendesk, "Mon, 23 Nov 2026 09:00:00 GMT")
    assert [moment_of(slack, text) for text in ("", "-5", "1e9", "٣", "9" * 16, "9" * 400)] == [None] * 6
    assert [moment_of(zendesk, text) for text in ("", "yesterday", "2026-13-01T00:00:00Z")] == [None] * 3
