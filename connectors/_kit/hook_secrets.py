"""The secrets that deliveries of one service are proven by: those of the environment, and those kept in the vault when a sender or a registration gave one."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from secrets import token_urlsafe

from engine.errors import Forbidden
from engine.ports import Clock, Vault

UNDER_WAY = timedelta(minutes=10)  # a registration that was asked for and not answered for so long is over
AWAITED = "awaited:"  # before the name of a secret that a registration of ours waits for
GREETED = "greeting"  # the name of one that came of itself
DEFAULT = "default"
WORD = "greet"  # the parameter of an address that is given to one sender only


def secret_setting(service: str, account: str = "") -> str:
    """The setting that holds the secret of an account's deliveries; without one for the account the service's own is used."""
    suffix = "".join(letter if letter.isalnum() else "_" for letter in account).upper()
    return f"{service.upper()}_WEBHOOK_SECRET" + (f"_{suffix}" if suffix else "")


def worded(address: str, word: str) -> str:
    """The address that is given to one sender only."""
    return f"{address}?{WORD}={word}"


def vault_name(service: str, account: str) -> str:
    return f"hook/{service}/{account or DEFAULT}"


class HookSecrets:
    """``vault`` is asked when needed: it may be joined after the connectors. Without one only the environment's are known.

    ``own``: the secret among an account's settings, for a vendor whose app has one under a well-known name.
    """

    def __init__(
        self,
        service: str,
        environ: Mapping[str, str],
        vault: Callable[[], Vault | None],
        clock: Clock,
        own: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._service = service
        self._environ = environ
        self._vault = vault
        self._clock = clock
        self._own = own
        self._lock = asyncio.Lock()

    async def of(self, account: str) -> tuple[str, ...]:
        """Every secret that an account's deliveries may be signed with."""
        kept = await self._kept(account)
        named = [secret for name, secret in kept.items() if not name.startswith(AWAITED)]
        return tuple(dict.fromkeys(filter(None, (self.said(account), *named))))

    def has_own(self, account: str) -> bool:
        """Whether the environment has one for this name alone."""
        return bool(self._environ.get(secret_setting(self._service, account), ""))

    def said(self, account: str) -> str:
        """The environment's; empty without one."""
        by_name = (secret_setting(self._service, account), secret_setting(self._service))
        return next((secret for name in by_name if (secret := self._environ.get(name, ""))), "") or self._own(account)

    async def greeted(self, account: str, secret: str, word: str) -> None:
        """A sender says by what it will sign from now on. ``word``: from the address it was given. Raises Forbidden when none was asked for in the last
        minutes, or by another address: strangers may know or guess the plain one."""
        async with self._lock:
            kept = await self._kept(account)
            known = (self.said(account), *(value for name, value in kept.items() if not name.startswith(AWAITED)))
            if any(hmac.compare_digest(one.encode(), secret.encode("utf-8", "replace")) for one in known if one):
                return
            awaited = [name for name, since in kept.items() if name.startswith(AWAITED) and self._is_meant(since, word)]
            if not awaited:
                raise Forbidden(
                    f"No secret for deliveries to this very address was asked for in the last {UNDER_WAY.seconds // 60} minutes, so none is taken. "
                    f"An admin says “/service {self._service} watch” first, and uses the address that it names."
                )
            name = awaited[0].removeprefix(AWAITED)
            left = {key: value for key, value in kept.items() if key not in awaited[:1]}
            await self._put(account, {**left, name: secret})

    async def expect(self, account: str, name: str) -> str:
        """From now on a greeting's secret is taken under ``name``, of whoever was given the address with this word behind it (see ``worded``)."""
        word = token_urlsafe(16)
        async with self._lock:
            await self._put(account, {**await self._kept(account), AWAITED + name: f"{self._clock.now().isoformat()} {word}"})
        return word

    async def keep(self, account: str, name: str, secret: str) -> None:
        async with self._lock:
            left = {key: value for key, value in (await self._kept(account)).items() if key != AWAITED + name}
            await self._put(account, {**left, name: secret})

    async def named(self, account: str, name: str) -> str:
        """One that is kept under this name; empty without."""
        return (await self._kept(account)).get(name, "")

    async def forget(self, account: str, *names: str) -> None:
        """Without a name all of the account's."""
        async with self._lock:
            gone = {form for name in names for form in (name, AWAITED + name)}
            await self._put(account, {key: value for key, value in (await self._kept(account)).items() if names and key not in gone})

    def _is_meant(self, awaited: str, word: str) -> bool:
        since, _, wanted = awaited.partition(" ")
        meant = bool(wanted) and hmac.compare_digest(wanted.encode(), word.encode("utf-8", "replace"))
        return meant and self._clock.now() - datetime.fromisoformat(since) < UNDER_WAY

    async def _kept(self, account: str) -> Mapping[str, str]:
        vault = self._vault()
        return (await vault.get(vault_name(self._service, account)) or {}) if vault else {}

    async def _put(self, account: str, secrets: Mapping[str, str]) -> None:
        vault = self._vault()
        if vault is None:
            raise Forbidden("This process keeps no secrets, so it can take none of a sender's.")
        name = vault_name(self._service, account)
        await (vault.put(name, secrets) if secrets else vault.forget(name))
