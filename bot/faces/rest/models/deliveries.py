"""Deliveries that were ordered from services, as REST shows and takes them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from bot.faces.rest.models.envelope import In, Out


class OrderOut(BaseModel):
    service: str
    account: str
    target: str = Field(description="What is delivered.", examples=["acme/web"])
    made_at: datetime
    ends_at: datetime | None = Field(description="When it ends unless it is renewed, which happens by itself; null: never.")
    trouble: str = Field(description="Why nothing may come of it; empty when all is well.")


class OrdersOut(Out):
    orders: list[OrderOut]


class GreetingOut(Out):
    token: str = Field(description="What the service sent to this address when it was entered there, and wants to be typed in on its page.")


class OrderIn(In):
    service: str = Field(examples=["github"])
    account: str = Field(default="", description="`default` when it is not said.")
    target: str = Field(default="", description="As the service asks for it; several things parted by “ / ”.", examples=["acme/web"])
