"""Accounts that people connect while the house runs: what they need, tried before they are kept, and by the dance of OAuth."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from connectors._kit.accounts import kept_name, read_name, variable
from connectors._kit.asked_of_people import needs_of, titled, untold, ways_in, ways_of
from connectors._kit.connector import Connector
from connectors._kit.credentials import Credentials, read_credentials
from connectors._kit.dance import Dances, Step
from connectors._kit.description import Auth
from connectors._kit.failures import Misconfigured
from connectors._kit.home import check_home, homes
from connectors._kit.picking import at
from connectors._kit.places import Places
from connectors._kit.tokens import Token, token_name
from connectors._kit.ways import endpoint_of, fingerprint, token_in
from engine.errors import Invalid, NotFound, Problem, Rejected, SignalboxError, Transient
from engine.parties import Actor
from engine.ports import Account, Clock, Connected, Going, Need, Vault, Way

START = "/api/v2/connect/"
CALLBACK = "/api/v2/connect/callback"
NOTHING: Mapping[str, str] = MappingProxyType({})
LONGEST = 20_000  # characters of one value; a key file has 3,000


class People:
    """Fulfils ``ports.Connecting``. ``public_url``: where browsers find this house, without a slash; ``changed`` tells other processes."""

    def __init__(
        self,
        places: Places,
        vault: Vault,
        clock: Clock,
        *,
        public_url: Callable[[], str],
        changed: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._places = places
        self._vault = vault
        self._clock = clock
        self._public_url = public_url
        self._changed = changed
        self._dances = Dances(vault, clock)

    # --- asking ----------------------------------------------------------------------------------------------------------

    def ways(self, service: str, account: str = "") -> Sequence[Way]:
        connector = self._places.connector(service)
        values = self._places.said(connector, read_name(account))
        return ways_of(connector.description, values, read_name(account))

    def kept(self, service: str, account: str) -> bool:
        place = self._places.named(service, read_name(account))
        return place is not None and place.credentials.kept

    def key(self, account: str) -> str:
        return read_name(account)

    # --- by values ---------------------------------------------------------------------------------------------------------

    async def connect(self, service: str, account: str, way: str, values: Mapping[str, str]) -> Account:
        connector, name = self._places.connector(service), read_name(account)
        self._free(connector, name)
        described = self._way(connector, way)
        if described.kind == "oauth":
            raise Rejected(f"{connector.description.name} is connected in the browser this way: /connect {service}")
        given = _fitting(connector.description.name, needs_of(connector.description, described), values)
        credentials = self._credentials(connector, name, given, whole=True)
        await self._try(connector, credentials, None)
        await self._vault.forget(token_name(service, name))
        return await self._keep(service, name, given)

    async def _try(self, connector: Connector, credentials: Credentials, token: Token | None) -> None:
        """Raises the three words, saying that nothing was kept."""
        name = connector.description.name
        place = await self._places.trial(connector, credentials, token)
        try:
            await place.live.probe()
        except Transient as err:
            raise Transient(f"{name} could not be tried, so nothing was kept: {credentials.scrub(str(err))}", err.retry_after) from err
        except SignalboxError as err:
            raise Misconfigured(f"{name} was not connected, and nothing was kept: {credentials.scrub(str(err))}") from err
        finally:
            await place.close()

    async def _keep(self, service: str, name: str, values: Mapping[str, str]) -> Account:
        await self._vault.put(kept_name(service, name), values)
        await self._places.take_up(self._vault, service)
        await self._changed(service, name)
        return self._places.choose(service, name).account

    async def disconnect(self, service: str, account: str) -> None:
        connector, name = self._places.connector(service), read_name(account)
        place = self._places.named(service, name)
        if place is None or not place.credentials.kept:
            if place is not None and not place.account.missing and connector.description.settings:
                raise Rejected(_of_the_environment(connector, name, "take them out there, and start Signalbox again"))
            raise NotFound(f"{connector.description.name} has no connected account “{name}”.")
        # The account first: a token without one is used by nobody.
        await self._vault.forget(kept_name(service, name))
        await self._vault.forget(token_name(service, name))
        await self._places.take_up(self._vault, service)
        await self._changed(service, name)

    # --- by the dance --------------------------------------------------------------------------------------------------------

    async def begin(self, service: str, account: str, actor: Actor, values: Mapping[str, str] = NOTHING) -> str:
        connector, name = self._places.connector(service), read_name(account)
        self._free(connector, name)
        way = next((way for way in self.ways(service, name) if way.browser), None)
        if way is None:
            raise Rejected(f"{connector.description.name} is not connected in a browser. /connect {service} says how.")
        if way.missing:
            raise Rejected(way.missing)
        given = _fitting(connector.description.name, way.needs, values)
        check_home(connector.description, _oauth(connector), self._places.environ, name, given)
        told = dict.fromkeys(_taken(connector), "https://told-by-the-service.example")
        self._credentials(connector, name, told | given, granted=True, whole=True)
        return f"{self._public_url()}{START}{await self._dances.begin(service, name, actor, given)}"

    async def who(self, ticket: str) -> Actor:
        return (await self._dances.of(ticket)).actor

    async def returning(self, state: str) -> Actor:
        return (await self._dances.of(state)).actor

    async def open(self, ticket: str) -> Going:
        from connectors._kit import oauth

        state, verifier, redirect = oauth.new_state(), oauth.new_verifier(), f"{self._public_url()}{CALLBACK}"
        step, browser = await self._dances.open(ticket, state, verifier, redirect)
        connector, credentials = self._dancing(step)
        url = oauth.authorize_url(_oauth(connector), credentials.values, redirect=redirect, state=state, verifier=verifier)
        return Going(url=url, browser=browser, secure=redirect.startswith("https:"))

    async def finish(self, said: Mapping[str, str], browser: str) -> Connected:
        step = await self._dances.take(said.get("state", ""), browser)
        connector, credentials = self._dancing(step)
        name = connector.description.name
        if "code" not in said:
            why = " ".join(said.get("error_description", "").split()) or said.get("error", "") or "no reason given"
            raise Rejected(f"{name} was not connected: it came back without a yes ({why[:200]}). /connect {step.service} begins anew.")
        answer = await self._exchanged(connector, credentials, step, said["code"])
        way = _oauth(connector)
        token = token_in(answer, way, self._clock.now(), name, held=None, bound=fingerprint(way, replace(credentials, way=way)))
        takes = way.oauth.takes if way.oauth else {}
        # The browser's address may have been written by anybody, so where tokens go is believed from the token's answer alone.
        seen, addresses = {**said, **answer}, {connector.description.url_setting, *homes(way)}
        took = {setting: at(answer if setting in addresses else seen, path) for setting, path in takes.items()}
        values = dict(step.values) | {setting: str(found) for setting, found in took.items() if found not in (None, "")}
        fresh = self._credentials(connector, step.account, values, granted=True)
        fresh.fetched.note(token.access, token.refresh)
        await self._try(connector, fresh, token)
        await self._places.kept_token(self._vault, step.service, step.account).write(token)
        account = await self._keep(step.service, step.account, values)
        await self._dances.done(step)
        return Connected(account=account, actor=step.actor)

    async def _exchanged(self, connector: Connector, credentials: Credentials, step: Step, code: str) -> Mapping[str, object]:
        from connectors._kit import oauth

        way = _oauth(connector)
        ask = oauth.code_ask(way, credentials.values, code=code, redirect=step.redirect, verifier=step.verifier)
        credentials.fetched.note(code, step.verifier)
        try:
            return await endpoint_of(connector, replace(credentials, way=way), self._places.transport).ask(ask)
        except Transient as err:
            raise Transient(f"{err} A code counts once: begin anew with /connect {step.service}.", err.retry_after) from err

    def _dancing(self, step: Step) -> tuple[Connector, Credentials]:
        connector = self._places.connector(step.service)
        return connector, self._credentials(connector, step.account, step.values, granted=True)

    # --- both ----------------------------------------------------------------------------------------------------------------

    def _credentials(
        self, connector: Connector, name: str, values: Mapping[str, str], *, granted: bool = False, whole: bool = False
    ) -> Credentials:
        """``whole``: raises Invalid where something is missing or does not fit."""
        credentials = read_credentials(connector.description, self._places.environ, "off", name=name, kept=values, granted=granted)
        if whole and credentials.account.missing:
            raise Invalid(f"{connector.description.name} was not connected. {untold(credentials.account.missing)}")
        return credentials

    def _way(self, connector: Connector, kind: str) -> Auth:
        usable = ways_in(connector.description)
        for way, title in titled(usable):
            if kind in (title.id, ""):
                return way
        known = ", ".join(title.id for _, title in titled(usable)) or "nothing at all"
        raise Invalid(
            f"{connector.description.name} is not connected by “{kind[:40]}”, but by {known}.", [Problem("is not known", ("way",))]
        )

    def _free(self, connector: Connector, name: str) -> None:
        """Raises Rejected where nothing can be connected, or the environment says what this account is."""
        said = connector.description
        if said.house or not ways_in(said):
            raise Rejected(f"{said.name} needs nothing: it works as it is.")
        if self._places.mode == "all":
            raise Rejected("SIGNALBOX_SANDBOX is “all”, so nothing is connected for real. Change it, and start Signalbox again.")
        own = read_credentials(said, self._places.environ, "off", name=name)
        by_app = own.way is not None and own.way.kind == "client_credentials"  # it asks by itself, and a person may still say yes instead
        if not own.account.missing and not by_app:
            raise Rejected(_of_the_environment(connector, name, f"change it there, or connect another one: /connect {said.id} as NAME"))


def _fitting(name: str, asked: Sequence[Need], values: Mapping[str, str]) -> dict[str, str]:
    """The values that were given, checked. Raises Invalid with what is wrong at each; no value stands in it."""
    needs = {need.name: need for need in asked}
    # Names that are not known are not repeated: somebody may have put the secret in the name's place.
    problems = [Problem(f"only {', '.join(needs) or 'nothing'} can be said", ("values",))] if set(values) - set(needs) else []
    given = {key: values[key].strip() for key in needs if values.get(key, "").strip()}
    problems += [Problem("is needed", (key,)) for key, need in needs.items() if need.required and key not in given]
    problems += [Problem(f"is longer than {LONGEST:,} characters", (key,)) for key, value in given.items() if len(value) > LONGEST]
    if problems:
        raise Invalid(f"{name} was not connected.", problems)
    return given


def _taken(connector: Connector) -> Sequence[str]:
    """The settings that the service tells in the dance."""
    server = _oauth(connector).oauth
    return tuple(server.takes) if server else ()


def _oauth(connector: Connector) -> Auth:
    return next(way for way in connector.description.auth if way.kind == "oauth")


def _of_the_environment(connector: Connector, name: str, then: str) -> str:
    said = connector.description
    names = " and ".join(variable(said, key, name) for key, setting in said.settings.items() if setting.needed) or "the settings"
    return f"The account “{name}” of {said.name} is set in the environment or .env ({names}): {then}."
