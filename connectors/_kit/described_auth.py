"""What a connector says about credentials: the settings an account has, and the ways a request can show who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import ConfigDict

FORBID = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One value an account has, and the environment variable that holds it for the account ``default``. Without a ``needed`` one there are no credentials.

    A further account NAME has ``<variable>__<NAME>``, or keeps the value in the vault when it was connected in a chat, on the page or by REST.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    name: str
    meaning: str
    secret: bool = False
    needed: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth:
    """An OAuth 2 server. ``authorize_url`` and ``token_url`` may hold ``{setting}`` placeholders (self-hosted editions: ``{base_url}``).

    ``client``: how the client shows itself at the token endpoint, ``encoding`` how it writes what it asks there. ``authorize`` and ``token`` are further parameters of the two requests.
    ``scope_separator`` parts the scopes. ``rotates``: each refresh token works once, so its successor is durable before it is used.
    ``takes``: what else the token's answer, or the address the browser comes back to, gives the account: setting → dotted path
    (Salesforce: ``url: instance_url``; QuickBooks: ``realm: realmId``).
    ``seconds``: how long a token lives where the answer does not say; 0 = until it is refused.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    authorize_url: str = ""
    token_url: str
    scopes: tuple[str, ...] = ()
    scope_separator: str = " "
    pkce: bool = True
    client: Literal["basic", "post"] = "post"
    encoding: Literal["form", "json"] = "form"
    authorize: Mapping[str, str] = field(default_factory=dict)
    token: Mapping[str, str] = field(default_factory=dict)
    takes: Mapping[str, str] = field(default_factory=dict)
    rotates: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """One way to show who asks. It is there when all settings that it names are; of several alternatives the first that is there is used.

    Values are templates over the settings (``{email}/token``):
    ``bearer``: ``Authorization: <scheme> <token>`` with ``token`` (default ``{token}``); an empty ``scheme`` sends the bare token.
    ``basic``: ``user`` and ``password``. ``header`` and ``query``: ``parameters`` (name → value).
    ``oauth``: the account was connected by the dance of ``oauth``; its client is ``client_id`` and ``client_secret``.
    ``client_credentials``: the same client asks for a token by itself. ``service_account``: a Google key file in ``key`` signs for one, with
    ``oauth.scopes``, for the person in the setting ``subject`` if that is set. ``github_app``: ``app_id``, ``key`` (PEM) and ``installation``.
    ``own``: hooks.py gives the headers (``Custom.authorize``); ``needs`` names the settings.
    """

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    kind: Literal["none", "bearer", "basic", "header", "query", "oauth", "client_credentials", "service_account", "github_app", "own"] = (
        "none"
    )
    token: str = "{token}"  # noqa: S105  # a template
    scheme: str = "Bearer"
    user: str = ""
    password: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    oauth: OAuth | None = None
    key: str = "{key}"
    subject: str = ""
    app_id: str = "{app_id}"
    installation: str = "{installation}"
    client_id: str = "{client_id}"
    client_secret: str = "{client_secret}"  # noqa: S105  # a template
    needs: tuple[str, ...] = ()
