"""What a connector says about what happens over there: signed deliveries, greetings, registration, polls, and the events read from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from pydantic import ConfigDict
from pydantic import JsonValue as Json

from connectors._kit.described_wire import Method, Request

FORBID = ConfigDict(extra="forbid")

FieldType: TypeAlias = Literal["string", "number", "integer", "boolean", "datetime", "array", "object", "file", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """How one field is read: from ``take`` (default: its own name) in the payload, or from the argument ``ask``.

    ``after`` keeps what follows that prefix and drops the field otherwise; ``before`` is put in front (it may say the request's values), of what is percent-encoded for
    an address when ``quoted``; ``count`` is the length of a list,
    ``keys`` the names of an object's fields, ``first`` the first of a list; ``last`` keeps so many of the parts between slashes, ``line`` the first line;
    ``each`` maps every item of a list. ``unix`` reads a number of seconds (``s``) or milliseconds (``ms``) as a moment, ``hundredths`` a number
    of the currency's smallest unit as an amount; ``minor_of`` does so by the decimals of the currency at that path; ``upper`` writes it in
    capitals. ``words`` translates values (``{"2": open}``); ``or_take`` is read where ``take`` gives nothing.
    ``joined`` makes one text of a list of texts (runs of one sentence), with ``between`` between them.
    ``text`` is written from the request's values and the payload's own fields (``{base}/browse/{key}``), and nothing where one of them is missing.
    ``enum``: the only values it ever has; a condition that asks for another is refused.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    type: FieldType = "string"
    take: str = ""
    or_take: tuple[str, ...] = ()
    ask: str = ""
    text: str = ""
    after: str = ""
    before: str = ""
    quoted: bool = False
    count: bool = False
    keys: bool = False
    first: bool = False
    last: int = 0
    line: bool = False
    joined: bool = False
    between: str = ""
    unix: Literal["", "s", "ms"] = ""
    hundredths: bool = False
    minor_of: str = ""
    upper: bool = False
    words: Mapping[str, Json] = field(default_factory=dict)
    each: Mapping[str, Pick] = field(default_factory=dict)
    enum: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Recognises a delivery: headers equal (``*``: there), query parameters equal, and the payload fits ``where``."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FromPoll:
    """An event read from an item of a poll. ``where`` chooses items; ``fields`` replaces the trigger's own where an item's shape is another."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    poll: str
    where: Mapping[str, Json] = field(default_factory=dict)
    fields: Mapping[str, Pick] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One event. ``match`` lists alternatives of deliveries, ``polled`` those of polls; neither: the house itself makes the event. An account whose
    deliveries can be proven is not polled for it. ``spread``: fields of the payload are fields of the event too.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    title: str
    fields: Mapping[str, Pick]
    match: tuple[Match, ...] = ()
    polled: tuple[FromPoll, ...] = ()
    spread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """How a new address is greeted: a delivery with this ``method`` and ``header``, ``query`` parameter or ``where`` in its body is answered at once.

    The answer's ``body`` and ``headers`` may say ``{header}``, ``{query}`` or ``{payload.<path>}``. ``keeps``: dotted path or header whose value is
    from now on the secret of this account's deliveries (kept in the vault), only while none is kept, or a registration of ours is under way.
    ``signed``: it must prove itself like any other delivery.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    method: Method = "POST"
    header: str = ""
    query: str = ""
    where: Mapping[str, Json] = field(default_factory=dict)
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "text/plain"
    keeps: str = ""
    signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """A compact delivery is completed: ``request`` (placeholders from ``values``: name → path in the item) is asked, and its answer stands under ``into``
    of the payload. Only where ``where`` fits. What no longer exists (404) leaves ``into`` empty.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    values: Mapping[str, str]
    request: Request
    into: str
    where: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """How deliveries are ordered by the API. ``request`` may say ``{callback}`` (our public address), ``{secret}`` (made by us), ``{now}`` and the
    inputs of ``wants`` (what it is for: a project, a board; given at ``/connect``). ``id``, ``expires`` and ``secret`` are paths of the answer.

    ``renew`` (may say ``{id}``, ``{expires}``) is put when a third of its ``seconds`` is left; ``remove`` ends it. ``lasts``: seconds it is asked for and
    lives where the answer does not say, 0 = for good.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    request: Request
    wants: tuple[str, ...] = ()
    id: str = "id"
    expires: str = ""
    secret: str = ""
    lasts: float = 0.0
    renew: Request | None = None
    remove: Request | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """How deliveries prove themselves. ``over`` says what is signed: ``{body}``, ``{url}``, ``{timestamp}``, ``{method}``, ``{id}`` in their order.

    ``scheme``: ``hmac``; ``token``: the header (or the query parameter ``token_query``, or the body at ``token_path``, which may collect over
    a list: then all of them) holds the secret itself; ``ed25519``: the secret is a public key in hex; ``jwt``: a signed token in
    ``header``, its keys and claims by hooks.py (``Custom.prove``); ``own``: all of it by hooks.py.
    ``parts``: the header holds several (``t=…,v1=…``): names of ``timestamp`` and ``signature``; one of several signatures that fits is enough.
    ``other_headers``: headers that may hold the signature instead (a second key while keys are changed). ``plain_header``: where nothing is
    signed (an edition of the vendor's that cannot), the header that holds the secret itself; ``plain_query``: the query parameter of an address that was ordered
    with the secret in it.
    ``decoded_secret``: the secret is base64 after this prefix (``whsec_``).
    ``id_header`` (several with commas count together)/``id_path`` name the delivery; a header that is not signed names it only as far as its
    sender is believed, so prefer what stands in the body. Without either the body's hash does, within ``id_window`` seconds when that is set.
    ``once_per_body``: the body's hash does in any case (the sender's id is not signed), for as long as the inbox and the runs are kept.
    ``timestamp_header`` is optional to the sender unless ``over`` needs it; when it comes it is signed and must be at most ``tolerance`` seconds off.
    ``each``: path of a list whose items are events by themselves, each with ``each_id``. ``fetch`` completes compact payloads.
    ``wakes``: polls that are asked at once after a proven delivery, which only says that something changed (they are asked in their own time too).
    ``acknowledge``: the JSON that a delivery which was taken is answered with, where the vendor reads the answer (with status 200).
    ``secret_setting``: the account's setting (short name) that holds the secret too, where the vendor's has a well-known name of its own.
    ``manual``: where a person sets the webhook up, in a sentence, when there is no ``registration``.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    scheme: Literal["hmac", "token", "ed25519", "jwt", "own"] = "hmac"
    header: str = ""
    other_headers: tuple[str, ...] = ()
    plain_header: str = ""
    plain_query: str = ""
    algorithm: Literal["sha256", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    over: str = "{body}"
    over_with_timestamp: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    decoded_secret: str | None = None
    timestamp_header: str = ""
    timestamp_in: Literal["s", "ms", "date"] = "s"
    tolerance: float = 300.0
    token_query: str = ""
    token_path: str = ""
    secret_meaning: str
    acknowledge: str = ""
    secret_setting: str = ""
    url_setting: str = ""
    id_header: str = ""
    id_path: str = ""
    id_window: float = 0.0
    once_per_body: bool = False
    each: str | None = None
    each_id: str = ""
    handshakes: tuple[Handshake, ...] = ()
    ping: Match | None = None
    form_field: str = ""  # the field of a form-encoded delivery that holds the JSON
    fetch: tuple[Fetch, ...] = ()
    wakes: tuple[str, ...] = ()
    registration: Registration | None = None
    manual: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What is asked every ``every`` seconds where nothing is delivered. Items (``among``) become events by the triggers' ``polled``.

    Three kinds of cursor: ``token``: the answer gives it (``cursor``), the next request sends it as ``{cursor}``; the first comes of ``start`` (path
    ``start_cursor``) and so replays nothing. ``moment``: ``{cursor}`` is the latest ``made_at`` seen; items at that very moment are told apart by
    ``id``. ``seen``: the newest items are asked for and those with a known ``id`` (+ ``version``, what changes when it changes) are old.
    ``again_when``: rules of an error's body (or its status) that mean the cursor is too old: it starts anew, and says so.
    ``more``: path of a boolean or next cursor: ask again at once; where the request has a place for ``{page}``, what stands there is the next page
    of the same look. Requests may say ``{now}`` and ``{since}`` (two minutes ago) too. ``wants``: settings without which there is nothing to poll.
    ``overlap``: seconds a ``moment`` is asked again for, where the vendor lists what is new with some delay; what was told already is known.

    A trigger that must know what to look at (``metric_threshold``) takes it from the conditions of those who wait:
    ``event.metric == 'signups' && event.value < 100`` stands in ``Tools.wanted`` of a ``Custom.poll``, and ``crossing.crossings`` does the rest.
    Such a poll still needs its entry here (``kind: seen``, ``every``, and a ``request`` that nobody puts, as hooks.py replaces it).
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    request: Request
    kind: Literal["token", "moment", "seen"]
    among: str
    every: float = 60.0
    id: str = "id"
    version: str = ""
    made_at: str = ""
    cursor: str = ""
    start: Request | None = None
    start_cursor: str = ""
    more: str = ""
    again_when: tuple[int, ...] = (410,)
    fetch: tuple[Fetch, ...] = ()
    wants: tuple[str, ...] = ()
    overlap: float = 0.0
