"""What a connector says about itself: the values behind ``connector.yml`` and ``examples.yml``.

Placeholders such as ``{title}`` in paths, queries and bodies are described in ``filling``; dotted paths such as
``user.login`` or ``labels[].name`` in ``picking``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from pydantic import ConfigDict
from pydantic import JsonValue as Json  # the hall's Json, in the form pydantic can check

FORBID = ConfigDict(extra="forbid")

FieldType: TypeAlias = Literal["string", "number", "integer", "boolean", "datetime", "array", "object", "any"]
Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One environment variable the connector reads. Without a ``needed`` one the account has no credentials."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    name: str
    meaning: str
    secret: bool = False
    needed: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """How a request shows who asks: ``setting`` as a bearer token, or ``parameters`` (query name → setting)."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    kind: Literal["none", "bearer", "query"] = "none"
    setting: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds for each phase of a request, and for all of it."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    connect: float = 5.0
    write: float = 10.0
    read: float = 20.0
    total: float = 30.0
    probe: float = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``concurrent`` requests at a time; an answer larger than ``answer_bytes`` is not read to its end."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    concurrent: int = 8
    answer_bytes: int = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """How the vendor says “too fast”: always 429; a status of ``statuses`` too when one of ``headers`` (``*`` = any value) or ``text`` is there.

    ``reset`` names a header that holds the Unix second from which it goes on, for answers without Retry-After.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    statuses: tuple[int, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    reset: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftError:
    """A failure inside a 200: ``where`` recognises it, ``says`` leads to its word, ``throttled`` and ``credentials`` list words with that meaning."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    where: Mapping[str, Json]
    says: str
    throttled: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Where the vendor's own sentence stands in the body of an error, the first that is there wins; ``details`` are added."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    says: tuple[str, ...] = ("message", "error.message", "error")
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A cheap read that shows whether the service answers and the credential lives.

    ``fine_when`` holds texts of error bodies that are good news all the same. ``scopes`` are demanded of the header ``scopes_header`` where it comes.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    fine_when: tuple[str, ...] = ()
    scopes_header: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One argument of an operation. ``pattern`` must match all of it; ``longest`` in characters or items, 0 = any; ``setting`` stands in when it is not said."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    type: FieldType = "string"
    required: bool = False
    enum: tuple[str, ...] = ()
    default: Json = None
    help: str = ""
    pattern: str = ""
    longest: int = 0
    setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """How one field is read: from ``take`` (default: its own name) in the payload, or from the argument ``ask``.

    ``after`` keeps what follows that prefix and drops the field otherwise; ``before`` is put in front; ``count`` is the length of a list,
    ``keys`` the names of an object's fields, ``first`` the first of a list; ``last`` keeps so many of the parts between slashes, ``line`` the first line; ``each`` maps every item of a list.
    ``enum``: the only values it ever has; a condition that asks for another is refused.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    type: FieldType = "string"
    take: str = ""
    ask: str = ""
    after: str = ""
    before: str = ""
    count: bool = False
    keys: bool = False
    first: bool = False
    last: int = 0
    line: bool = False
    each: Mapping[str, Pick] = field(default_factory=dict)
    enum: tuple[str, ...] = ()
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request with placeholders. A query parameter or body field whose placeholder has no value is left out."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    method: Method
    path: str
    query: Mapping[str, Json] = field(default_factory=dict)
    body: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """Where to look whether a write happened: in ``among`` (a list in the answer; empty = the answer) one that fits ``where``.

    It is asked when the outcome is not known, when the write is refused with a status of ``after_refusal``, and when a human wants to know.
    ``marked``: ``where`` holds for this very ask alone (a mark it left, a state it brought about). Otherwise what fits may be somebody else's
    that looks the same: only what was made since the ask counts, and two of them settle nothing. ``made_at`` and ``thing`` lead to the moment
    and the id of what was made. ``most`` is how many the answer holds at its fullest, newest first: a full one that does not reach back to
    the ask settles nothing. ``settles``: seconds after which what was made is sure to be listed; until then, not found means nothing.
    Requests may say ``{since}``, the moment of the ask less what clocks may differ by.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    request: Request
    where: Mapping[str, Json]
    among: str = ""
    outputs: Mapping[str, Pick] = field(default_factory=dict)
    after_refusal: tuple[int, ...] = ()
    marked: bool = False
    made_at: str = ""
    thing: str = "id"
    most: int = 0
    settles: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One action. Without a ``request`` the connector's hooks perform it; ``prepared`` names further placeholders that its hooks fill.

    ``read_back`` says how to find out whether a write happened of which no answer came; ``no_look`` why that cannot be, in a sentence.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    title: str
    inputs: Mapping[str, Input] = field(default_factory=dict)
    any_of: tuple[tuple[str, ...], ...] = ()  # of each group at least one must be said
    outputs: Mapping[str, Pick] = field(default_factory=dict)
    writes: bool = True
    repeatable: bool = False
    request: Request | None = None
    prepared: tuple[str, ...] = ()
    read_back: ReadBack | None = None
    no_look: str = ""

    @property
    def may_repeat(self) -> bool:
        """Whether asking again after a lost answer does no harm."""
        return self.repeatable or not self.writes


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Recognises a delivery: headers equal, and the payload fits ``where``."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    headers: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One event. ``match`` lists alternatives; none: the house itself makes the event. ``spread``: fields of the payload are fields of the event too."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    title: str
    fields: Mapping[str, Pick]
    match: tuple[Match, ...] = ()
    spread: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """How deliveries prove themselves. ``over`` says what is signed: ``{body}``, ``{url}`` and ``{timestamp}`` in their order.

    ``id_header``/``id_path`` name the delivery; without either the body's hash does, within ``id_window`` seconds when that is set.
    ``once_per_body``: the body's hash does in any case (the sender's id is not signed), for as long as the inbox and the runs are kept.
    ``timestamp_header`` is optional to the sender; when it comes it is signed and must be at most ``tolerance`` seconds off.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    header: str
    algorithm: Literal["sha256", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    over: str = "{body}"
    over_with_timestamp: str = ""
    timestamp_header: str = ""
    tolerance: float = 300.0
    secret_meaning: str
    url_setting: str = ""
    id_header: str = ""
    id_path: str = ""
    id_window: float = 0.0
    once_per_body: bool = False
    handshake: Literal["", "head"] = ""
    ping: Match | None = None
    form_field: str = ""  # the field of a form-encoded delivery that holds the JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A connector. ``house``: it is Signalbox itself, never sandboxed and never probed; ``probed`` says whether health is watched."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    id: str
    name: str
    category: str
    aliases: tuple[str, ...] = ()
    house: bool = False
    probed: bool = True
    base_url: str = ""
    url_setting: str = ""
    auth: Auth = field(default_factory=Auth)
    headers: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Setting] = field(default_factory=dict)
    credentials_at: str = ""
    timeouts: Timeouts = field(default_factory=Timeouts)
    limits: Limits = field(default_factory=Limits)
    idempotency_header: str = ""
    throttle: Throttle = field(default_factory=Throttle)
    soft_error: SoftError | None = None
    complaint: Complaint = field(default_factory=Complaint)
    probe: Probe | None = None
    status_page: str = ""
    webhooks: Webhooks | None = None
    operations: Mapping[str, Operation]
    triggers: Mapping[str, Trigger] = field(default_factory=dict)


# --- examples ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WireAsk:
    """What must leave the house, without its credentials."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    method: Method
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WireReply:
    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    request: WireAsk
    answer: WireReply


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Ask → what goes over the wire → output. ``sandbox`` is the output the sandbox gives, with the ask's values put in."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    ask: Mapping[str, Json]
    wire: tuple[Exchange, ...] = ()
    output: Mapping[str, Json]
    sandbox: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A payload of a trigger, trimmed to what matters, and the event's fields that are read from it."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    headers: Mapping[str, str] = field(default_factory=dict)
    payload: Mapping[str, Json]
    event: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    operations: Mapping[str, Example] = field(default_factory=dict)
    triggers: Mapping[str, Delivery] = field(default_factory=dict)
