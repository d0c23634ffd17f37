"""Signing in and staying signed in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.faces.web.session import CODES, COOKIE_LIFE, Sessions, Visitor, clean_name
from tests.engine.clock import StandingClock

ANA = Visitor("ana", "Ana Kovač")


def sessions(clock: StandingClock | None = None, secret: str = "secret") -> Sessions:
    return Sessions(secret, clock or StandingClock())


def test_a_code_signs_in_once():
    door = sessions()
    code = door.invite(ANA)
    assert door.redeem(code) == ANA
    assert door.redeem(code) is None


async def test_a_code_expires():
    clock = StandingClock()
    door = sessions(clock)
    code = door.invite(ANA, timedelta(minutes=15))
    await clock.pass_(15 * 60)
    assert door.redeem(code) is None


def test_open_invitations_are_bounded_and_the_oldest_go_first():
    door = sessions()
    codes = [door.invite(ANA) for _ in range(CODES + 1)]
    assert door.redeem(codes[0]) is None
    assert door.redeem(codes[-1]) == ANA


def test_a_cookie_says_who_it_is_also_to_a_restarted_house():
    assert sessions().read(sessions().sign(ANA)) == ANA


@pytest.mark.parametrize("tamper", [lambda c: c[:-2] + "AA", lambda c: "x" + c, lambda c: c.replace(".", ""), lambda c: "", lambda c: "é.ü", lambda c: "a.b"])
def test_a_changed_cookie_is_nobody(tamper):
    door = sessions()
    assert door.read(tamper(door.sign(ANA))) is None


def test_a_cookie_of_another_house_is_nobody():
    assert sessions(secret="other").read(sessions().sign(ANA)) is None


def test_two_houses_on_one_machine_use_different_cookies():
    assert sessions(secret="other").cookie != sessions().cookie


async def test_a_cookie_ends():
    clock = StandingClock()
    door = sessions(clock)
    cookie = door.sign(ANA)
    await clock.pass_(COOKIE_LIFE.total_seconds())
    assert door.read(cookie) is None


@pytest.mark.parametrize(("said", "kept"), [("  Ana \n Kovač ", "Ana Kovač"), ("\u202eevil", "evil"), ("\x00\n", ""), ("x" * 100, "x" * 60)])
def test_a_name_is_one_short_printable_line(said: str, kept: str):
    assert clean_name(said) == kept
