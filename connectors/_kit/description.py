"""What a connector says about itself: the values behind ``connector.yml`` and ``examples.yml``.

Placeholders such as ``{title}`` in paths, queries, headers and bodies are described in ``filling``; dotted paths such as
``user.login`` or ``labels[].name`` in ``picking``. What is said of credentials, the wire and triggers: ``described_auth``, ``described_wire``
and ``described_triggers``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import ConfigDict
from pydantic import JsonValue as Json  # the hall's Json, in the form pydantic can check

from connectors._kit.described_auth import Auth as Auth
from connectors._kit.described_auth import OAuth as OAuth
from connectors._kit.described_auth import Setting as Setting
from connectors._kit.described_triggers import FieldType as FieldType
from connectors._kit.described_triggers import Match as Match
from connectors._kit.described_triggers import Pick as Pick
from connectors._kit.described_triggers import Poll as Poll
from connectors._kit.described_triggers import Trigger as Trigger
from connectors._kit.described_triggers import Webhooks as Webhooks
from connectors._kit.described_wire import Batch as Batch
from connectors._kit.described_wire import Bucket as Bucket
from connectors._kit.described_wire import Bulk as Bulk
from connectors._kit.described_wire import Complaint as Complaint
from connectors._kit.described_wire import Host as Host
from connectors._kit.described_wire import Limits as Limits
from connectors._kit.described_wire import Lookup as Lookup
from connectors._kit.described_wire import Method as Method
from connectors._kit.described_wire import Pages as Pages
from connectors._kit.described_wire import Probe as Probe
from connectors._kit.described_wire import Request as Request
from connectors._kit.described_wire import SoftError as SoftError
from connectors._kit.described_wire import StatusPage as StatusPage
from connectors._kit.described_wire import Throttle as Throttle
from connectors._kit.described_wire import Timeouts as Timeouts

FORBID = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One argument of an operation. ``pattern`` must match all of it; ``longest`` in characters or items, 0 = any; ``setting`` stands in when it is not said.

    ``lookup`` names one of the connector's look-ups: a person may say a name, a link or an id, and ``{<input>_id}`` holds the id.
    ``own_host``: an address whose host a definition must write out itself. A ``file`` is the id of a kept file (``file_…``), or ``{name, text}`` for one made of text; its placeholder holds name, media type and content.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    type: FieldType = "string"
    required: bool = False
    enum: tuple[str, ...] = ()
    default: Json = None
    help: str = ""
    pattern: str = ""
    longest: int = 0
    setting: str = ""
    lookup: str = ""
    own_host: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an operation does to the things of the sandbox, so that what was made there can be found, changed and tells its events.

    ``thing``: their kind (``card``). ``create`` keeps the output as a new one; ``change`` lays the output over the one that ``by`` (inputs; ids, numbers,
    links and titles are all tried) names; ``remove`` takes it away; ``find`` lists those that fit ``matching`` (input → field of the thing; texts are searched for)
    in the output field ``items``. ``sets``: fields that it has afterwards whatever the output says (templates). ``tells``: triggers it sets off.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    kind: Literal["create", "change", "remove", "find"]
    thing: str
    by: tuple[str, ...] = ()
    matching: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, Json] = field(default_factory=dict)
    tells: tuple[str, ...] = ()
    items: str = "items"


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
    ``key_in``: where the ask's idempotency key goes when this operation has a place for one: the request's templates may say ``{key}`` (the key
    itself), ``{key_uuid}`` (a UUID made of it) or ``{key_mark}`` (20 hex digits); it only tells the reader that the vendor then does it once.
    ``cache``: seconds a read's answer is good for; a write to the account ends that. ``effect``: what the sandbox makes of it.
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
    key_in: Literal["", "request"] = ""
    pages: Pages | None = None
    cache: float = 0.0
    bulk: Bulk | None = None
    alone: bool = False  # never part of a batch
    effect: Effect | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether asking again after a lost answer does no harm."""
        return self.repeatable or not self.writes or bool(self.key_in)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A connector. ``house``: it is Signalbox itself, never sandboxed and never probed; ``probed`` says whether health is watched.

    ``auth``: alternatives, see ``Auth``. ``idempotency_header``: every write may carry its key there, and the vendor then does it once.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    id: str
    name: str
    category: str
    aliases: tuple[str, ...] = ()
    house: bool = False
    probed: bool = True
    base_url: str = ""
    url_setting: str = ""
    hosts: Mapping[str, Host] = field(default_factory=dict)
    auth: tuple[Auth, ...] = ()
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
    status_page: StatusPage | None = None
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    batch: Batch | None = None
    webhooks: Webhooks | None = None
    polls: Mapping[str, Poll] = field(default_factory=dict)
    operations: Mapping[str, Operation]
    triggers: Mapping[str, Trigger] = field(default_factory=dict)


# --- examples ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WireAsk:
    """What must leave the house, without its credentials. ``host`` as in a request; ``headers``: those that must be there with these values.

    A form or multipart body is written as the value it stands for; a file's part as ``{name, media_type, text}``, bytes as their text.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    method: Method
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    host: str = ""
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
    """A payload of a trigger, trimmed to what matters, and the event's fields that are read from it.

    ``wire``: requests by which a compact payload is completed. ``poll``: it is an item of that poll instead of a delivery.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    payload: Json
    wire: tuple[Exchange, ...] = ()
    poll: str = ""
    event: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    operations: Mapping[str, Example] = field(default_factory=dict)
    triggers: Mapping[str, Delivery] = field(default_factory=dict)
