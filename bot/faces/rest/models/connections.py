"""Accounts of services as REST shows and takes them; a secret goes in and never comes out."""

from __future__ import annotations

from pydantic import BaseModel, Field, SecretStr

from bot.faces.rest.models.envelope import In, Out


class NeedOut(BaseModel):
    name: str = Field(description="The key in `values`.")
    meaning: str
    setting: str = Field(description="The environment variable that may hold it instead, for the account `default`.")
    secret: bool
    required: bool
    default: str


class WayOut(BaseModel):
    id: str = Field(examples=["bearer"])
    title: str
    browser: bool = Field(description="True: somebody says yes at the service; ask for a link.")
    missing: str = Field(description="Why it cannot be used yet; empty when it can.")
    needs: list[NeedOut]


class ConnectionOut(BaseModel):
    service: str
    account: str
    mode: str = Field(description="live, sandbox (examples answer) or off.")
    url: str
    missing: str
    kept: bool = Field(description="It was connected here, and can be disconnected here; otherwise the environment says it.")


class ConnectionsOut(Out):
    connections: list[ConnectionOut]


class ServiceConnectionsOut(Out):
    service: str
    connections: list[ConnectionOut]
    ways: list[WayOut]


class OneConnectionOut(Out):
    connection: ConnectionOut


class ConnectionIn(In):
    way: str = Field(default="", max_length=60, description="One of the service's ways; empty for its first.")
    values: dict[str, SecretStr] = Field(description="What the way needs, by name. It is tried before it is kept.")


class LinkIn(In):
    values: dict[str, SecretStr] = Field(default={}, description="What must be known before, by name: the `needs` of the way with `browser`.")


class LinkOut(Out):
    url: str = Field(description="To be opened in a browser within ten minutes; it is for one person.")
