"""What a connector says about the wire: requests and what they carry, paging, names looked up, limits, batches and signs of trouble."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from pydantic import ConfigDict
from pydantic import JsonValue as Json  # the hall's Json, in the form pydantic can check

FORBID = ConfigDict(extra="forbid")

Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request with placeholders. A query parameter, header or body field whose placeholder has no value is left out.

    ``encoding``: ``form`` writes nested values with brackets (``items[0][price]``); ``multipart`` sends each field of ``body`` as a part, a
    file with its name and media type; ``bytes`` sends the one value of ``body`` (``{file: "{file}"}``) as it is, with the file's media type
    unless ``headers`` name another. ``host`` names one of the connector's further ``hosts``. ``answer``: how the answer is read; ``bytes``
    gives ``{content_type, size, content}`` with the content in base64, ``lines`` a list of the JSON of each line, ``headers`` its headers by
    their names in lower case, ``none`` nothing.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    method: Method
    path: str
    query: Mapping[str, Json] = field(default_factory=dict)
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    encoding: Literal["json", "form", "multipart", "bytes"] = "json"
    host: str = ""
    answer: Literal["json", "text", "bytes", "lines", "headers", "none"] = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A further address of the same service, and the setting (short name) that replaces it."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    url: str
    setting: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """How a list goes on. ``items``: path of the list in the answer; pages are read until ``most`` of the scope (the input ``limit``) are there.

    ``cursor``: the value at ``next`` (a path) goes into ``parameter``. ``last_id``: the ``id`` of the last item does. ``offset``: how many were
    read do; ``page``: the page's number from ``first`` on. ``link``: the Link header's rel=next is followed; ``url``: the address at ``next`` is
    (same host only). ``into``: where the parameter goes; for ``body`` it is a dotted path. ``size``: the parameter for a page's length, at most
    ``largest``. ``more``: path of a boolean that is false on the last page.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    kind: Literal["cursor", "last_id", "offset", "page", "link", "url"]
    items: str
    next: str = ""
    parameter: str = ""
    into: Literal["query", "body"] = "query"
    id: str = "id"
    first: int = 1
    size: str = ""
    largest: int = 100
    more: str = ""
    most: str = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """How the name a person says becomes an id. An input ``board`` with ``lookup: board`` gives the placeholders ``{board_id}`` and ``{board_name}``
    (lists for arrays); ``gives`` adds ``{board_<name>}`` from the item found.

    What ``is_id`` matches wholly is taken as an id and not asked for; what ``link`` matches gives its group ``id``. Else the first item of
    ``among`` one of whose ``names`` (paths) equals what was said, without regard to case or a leading ``#``/``@``, and one only: several are
    refused with their names. ``request`` may say ``{name}`` (what was said) where the service searches, and other placeholders of the scope,
    which come first when named in ``after``; one that is no input but another look-up is chosen by that (``me``: whose account it is).
    ``choose: first`` or ``only`` says what to take when nothing is said. ``people`` names the look-up that is asked instead for what begins with ``@``:
    where a message to somebody may take a channel's place. Remembered for ``seconds``.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    what: str  # "board", for the sentence of a failure
    request: Request
    among: str
    id: str = "id"
    names: tuple[str, ...] = ("name",)
    gives: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, Json] = field(default_factory=dict)
    is_id: str = ""
    link: str = ""
    after: tuple[str, ...] = ()
    choose: Literal["", "first", "only"] = ""
    people: str = ""
    pages: Pages | None = None
    seconds: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """At most ``limit`` requests in any ``per`` seconds. ``of``: which share it: all of the account's, or those with the same value of this template
    (``{channel_id}``; ``{operation}`` is its name; requests that say none of it are not counted). ``only``: operations it is for (none = all); ``cost``: how many one request takes; ``writes``: only those that change something.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    limit: int
    per: float
    of: str = ""
    only: tuple[str, ...] = ()
    cost: int = 1
    writes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Headers (or, with ``body`` paths of the answer) that say how much is left. ``reset`` counts ``seconds`` from now, a ``unix`` second, ``ms`` from now
    or a ``date`` (RFC 3339). ``used_of`` names a header such as ``api-usage=18/5000``, that says both. ``of``: which asks share it, as for a bucket;
    ``name``: the header that tells which of several quotas an answer speaks of. ``cost``: what this request took of it, where requests cost differently
    (a budget of points): the next of the same operation is expected to cost the same.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    limit: str = ""
    remaining: str = ""
    reset: str = ""
    reset_in: Literal["seconds", "unix", "ms", "date"] = "seconds"
    used_of: str = ""
    body: bool = False
    of: str = ""
    name: str = ""
    cost: str = ""


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
    """``concurrent`` requests at a time; an answer larger than ``answer_bytes`` is not read to its end. ``buckets`` are kept ahead of time."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    concurrent: int = 8
    answer_bytes: int = 5 * 1024 * 1024
    buckets: tuple[Bucket, ...] = ()
    quota: Quota | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """How the vendor says “too fast”: always 429; a status of ``statuses`` too when one of ``headers`` (``*`` = any value) or ``text`` is there.

    ``reset`` names a header that holds the Unix second from which it goes on, for answers without Retry-After; ``wait`` a path in the body that
    holds the seconds.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    statuses: tuple[int, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | tuple[str, ...] = ""
    reset: str = ""
    wait: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftError:
    """A failure inside a 200: ``where`` recognises it, ``says`` leads to its word, ``throttled`` and ``credentials`` list words with that meaning.

    ``missing``: words for “it does not exist”; ``unsure``: words after which nobody knows whether it was done; ``fine``: words that say it is so
    already, which counts as done; ``details``: path of a sentence.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    where: Mapping[str, Json]
    says: str
    throttled: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    fine: tuple[str, ...] = ()
    details: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Where the vendor's own sentence stands in the body of an error, the first that is there wins; ``details`` are added.

    ``expired``: words in the body of a 400 or 403 that mean what 401 means elsewhere: the token is refreshed and the request put once more.
    ``missing``: words in the body of any refusal that mean what 404 means elsewhere. ``again``: a header that says ``false`` where a failing
    service would fail again however often it is asked (it keeps the answer of a key): whether a write was done is then not known.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    says: tuple[str, ...] = ("message", "error.message", "error")
    details: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    again: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A cheap read that shows whether the service answers and the credential lives.

    ``fine_when`` holds texts of error bodies that are good news all the same. ``scopes`` are demanded of the header ``scopes_header`` where it comes.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    method: Method = "GET"
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    encoding: Literal["json", "form"] = "json"
    fine_when: tuple[str, ...] = ()
    scopes_header: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Equal asks (the same operation) within ``wait`` seconds go out as one request, at most ``most`` of them; each gets its own answer.

    ``graph``: Microsoft's ``$batch`` at ``path``. ``google``: multipart/mixed at ``path`` (``host`` may name another address). ``asana``: actions
    at ``path``. ``composite``: Salesforce's composite at ``path``. ``list``: the operations' own bulk forms (``Operation.bulk``). ``aliases``: several
    GraphQL fields in one document. ``urls``: Trello's reads at ``path``. ``own``: hooks.py (``Custom.together``). ``counts``: what the vendor counts against its limits, ``each`` of them or ``one``;
    not said, it is one for ``list``, ``composite`` and ``own``.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    kind: Literal["graph", "google", "asana", "composite", "list", "aliases", "urls", "own"]
    path: str = ""
    host: str = ""
    most: int
    wait: float = 0.01
    counts: Literal["", "each", "one"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """The bulk form of one operation: the bodies of the single asks are the list at ``into`` of the body of ``request``.

    ``item``: the single ask's part of the list when it is not the single request's body (a template). ``answers``: path of the list of outcomes, in
    the order of the asks unless ``key`` names, for an outcome and for an item, the field that joins them. ``failed``: rules of an outcome that
    failed, ``says``: path of its sentence. ``answer``: path of what the single request would have answered, in an outcome.
    Where failures have a list of their own, ``failures`` is its path (``answers`` then has those that succeeded only) and ``which`` leads, in a failure, to the
    number of its item (from 0) or, with a ``key``, to its key; ``refusal`` leads to what the single request would have been refused with.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    request: Request
    into: str
    item: Json = None
    answers: str
    answer: str = ""
    key: tuple[str, str] | None = None
    failed: Mapping[str, Json] = field(default_factory=dict)
    says: str = "message"
    failures: str = ""
    which: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """Where the vendor says itself how it is. ``statuspage``: Atlassian's (``<url>/api/v2/summary.json``); the others are those vendors' own; ``none``: a page
    for people only. ``components``: only these count (names as the page writes them, none = all).
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    url: str
    kind: Literal["statuspage", "slack", "google", "stripe", "statusio", "salesforce", "none"] = "statuspage"
    components: tuple[str, ...] = ()
