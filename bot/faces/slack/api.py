"""The one door to Slack's Web API: every answer is a mapping or one of the hall's three errors, in words that say what to do."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import partial
from typing import Any, NoReturn

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.faces.face import Attached
from bot.faces.fetch import fetched, too_large
from bot.faces.slack.log import logger
from bot.faces.slack.shared import Shared
from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.files import LARGEST

DEFAULT_URL = "https://slack.com/api/"
FILE_HOSTS = (".slack.com", ".slack-gov.com")
TIMEOUT = 20.0
ANSWER_URL_USES = 4  # Slack takes five within half an hour; one is kept back

SOCKET_URL = "apps.connections.open"

Answer = Mapping[str, Any]

# Error codes that the asker or the owner can do something about.
WORDS: Mapping[str, str] = {
    "not_in_channel": "I am not a member of that Slack channel. Invite me there with /invite @Signalbox and try again.",
    "channel_not_found": (
        "Slack knows no such channel, or it is private and I am not in it. Check the name; in a private channel, /invite @Signalbox first."
    ),
    "is_archived": "That Slack channel is archived. Unarchive it or name another one.",
    "user_not_in_channel": "That person is not in the channel.",
    "user_not_found": "Slack knows no such person.",
    "cannot_dm_bot": "Slack lets nobody write to a bot.",
    "messages_tab_disabled": "Direct messages to the bot are off: turn on the messages tab of the Slack app (manifest.yml does).",
    "restricted_action": "The workspace's settings do not let me post there. A workspace admin can allow it.",
    "message_not_found": "That message is gone from Slack.",
    "cant_update_message": "Slack does not let me change that message.",
    "edit_window_closed": "Slack no longer lets that message be changed.",
    "expired_trigger_id": "The form took too long to open. Press the button again.",
    "invalid_auth": "Slack does not accept SLACK_BOT_TOKEN. Copy the bot token (xoxb-…) anew from the app's “OAuth & Permissions” page.",
    "not_authed": "SLACK_BOT_TOKEN is empty.",
    "account_inactive": "The Slack app was removed from the workspace, so its token is dead. Install it again and copy the new bot token.",
    "token_revoked": "The Slack token was revoked. Install the app again and copy the new bot token.",
    "token_expired": "The Slack token has expired: turn token rotation off in the app's settings and install it again.",
    "not_allowed_token_type": "That is the wrong kind of Slack token: SLACK_BOT_TOKEN begins with xoxb-, SLACK_APP_TOKEN with xapp-.",
    "missing_scope": "The Slack app lacks a permission. Import manifest.yml again and reinstall the app.",
    "plan_upgrade_required": "This Slack workspace has no user groups: its plan lacks them.",
    "team_access_not_granted": "The Slack app is not approved for this workspace. Ask a workspace admin.",
    "access_denied": "Slack denies the app access. Ask a workspace admin.",
}
BAD_APP_KEY = (
    "Slack does not accept SLACK_APP_TOKEN. It begins with xapp- and needs the scope connections:write: make one under"
    " “Basic Information” → “App-Level Tokens”."
)
SOCKET_MODE_OFF = "Socket Mode is switched off for the Slack app: switch it on in the app's settings."
DEAD_TOKEN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"})
UNWRITABLE = frozenset({"invalid_blocks", "invalid_blocks_format", "invalid_attachments", "msg_blocks_too_long", "msg_too_long", "no_text"})
# Slack itself says that some of the work may have been done.
_UNCLEAR = frozenset({"fatal_error", "internal_error", "request_timeout"})
_BUSY = frozenset({"ratelimited", "rate_limited", "service_unavailable", "team_added_to_org", "message_limit_exceeded"})


class Refused(Rejected):
    """Slack said no; ``code`` is its word for why."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class SlackApi:
    """``open()`` before use. ``trouble`` is why the token cannot work at all, "" while it can."""

    def __init__(self, token: str, url: str) -> None:
        self.url = mended(url)
        # Retries would post twice when an answer is lost: the outbox decides about repeating.
        self.client = AsyncWebClient(token=token, base_url=self.url, logger=logger("wire"), retry_handlers=[], timeout=int(TIMEOUT))
        self.trouble = ""
        self._session: aiohttp.ClientSession | None = None
        self._uses: dict[str, int] = {}

    async def open(self) -> None:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT, connect=TIMEOUT / 2)
            self._session = self.client.session = aiohttp.ClientSession(timeout=timeout)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = self.client.session = None

    @property
    def is_open(self) -> bool:
        return self._session is not None

    async def call(self, method: str, *, once: bool = False, **arguments: Any) -> Answer:
        """``once``: doing it twice is a fault, so an unclear end is Unanswered. Raises the hall's errors only."""
        return (await self.response(method, once=once, **arguments))[0]

    async def response(self, method: str, *, once: bool = False, **arguments: Any) -> tuple[Answer, Mapping[str, str]]:
        """The answer and its headers."""
        sent = {name: value for name, value in arguments.items() if value is not None}
        try:
            answer = await getattr(self.client, method.replace(".", "_"))(**sent)
        except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
            self._raise(error, method, once)
        self._remember_trouble(method, "")
        return answer.data, answer.headers

    def _raise(self, error: Exception, method: str, once: bool) -> NoReturn:
        failure = translated(error, method, once)
        if isinstance(failure, Refused) and failure.code in DEAD_TOKEN:
            self._remember_trouble(method, str(failure))
        raise failure from error

    def _remember_trouble(self, method: str, trouble: str) -> None:
        if method != SOCKET_URL:  # the one call made with the app's token instead of the bot's
            self.trouble = trouble

    def attached(self, file: Shared) -> Attached:
        """A file of a message, to be read when it is wanted."""
        return Attached(file.name, partial(self._download, file), file.media_type)

    async def _download(self, file: Shared) -> bytes:
        """Raises Rejected or Transient."""
        if file.size > LARGEST:
            raise too_large(file.name)
        url = file.url
        if not url:  # of another workspace: Slack wants to be asked first
            said = (await self.call("files.info", file=file.id)).get("file") or {}
            url = str(said.get("url_private_download") or said.get("url_private") or "")
        bearer = {"Authorization": f"Bearer {self.client.token}"}
        return await fetched(file.name, url, hosts=FILE_HOSTS, bases=(self.url,) if self.url != DEFAULT_URL else (), headers=bearer)

    async def upload(self, url: str, data: bytes) -> None:
        """Second step of three: the bytes, to where files.getUploadURLExternal said."""
        await self._post(url, data=io.BytesIO(data))

    async def answer(self, response_url: str, payload: Mapping[str, Any]) -> bool:
        """Answer a slash command or a press where it was made, a member there or not; False when the URL is used up."""
        uses = self._uses.get(response_url, 0)
        if not response_url or uses >= ANSWER_URL_USES:
            return False
        self._uses[response_url] = uses + 1
        while len(self._uses) > 2000:
            del self._uses[next(iter(self._uses))]
        await self._post(response_url, json=dict(payload))
        return True

    async def _post(self, url: str, **body: Any) -> None:
        assert self._session is not None, "SlackApi.open() comes first"
        try:
            async with self._session.post(url, proxy=self.client.proxy, **body) as response:
                said = await response.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise translated(error, "an upload or answer", once=False) from error
        if response.status != 200 or '"ok":false' in said.replace(" ", ""):
            raise _from_answer(_code_in(said), response.status, response.headers, "an upload or answer", once=False)


def mended(url: str) -> str:
    """The base URL with the slash it must end in; empty: Slack's own. Raises Rejected when it is no web address."""
    given = url.strip() or DEFAULT_URL
    if not given.startswith(("https://", "http://")):
        raise Rejected(f"SLACK_API_URL is “{given}”; it must be a web address that ends in /api/, for example {DEFAULT_URL}")
    return given if given.endswith("/") else given + "/"


def _code_in(text: str) -> str:
    for code in (*UNWRITABLE, "used_url", "expired_url", "ratelimited"):
        if code in text:
            return code
    return ""


def translated(error: Exception, method: str, once: bool) -> SignalboxError:
    """Slack's, aiohttp's and the network's errors as the hall's."""
    if isinstance(error, SlackApiError):
        response = error.response
        data = getattr(response, "data", None)
        code = data.get("error", "") if isinstance(data, Mapping) else ""
        status: int = getattr(response, "status_code", 0) or getattr(response, "status", 0)
        failure = _from_answer(str(code), status, getattr(response, "headers", {}), method, once)
        return _with_scope(failure, data)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return Transient("Slack cannot be reached; I keep trying.")
    if isinstance(error, SlackClientError):
        return Rejected(f"Slack's library refused {method}: {error}")
    return _unclear(method, once)


def _from_answer(code: str, status: int, headers: Mapping[str, str], method: str, once: bool) -> SignalboxError:
    if status == 429 or code in _BUSY:
        return Transient("Slack asks for patience (rate limit).", retry_after=_seconds(headers.get("Retry-After", "")))
    if status == 503:
        return Transient("Slack is not available at the moment; I keep trying.")
    if status >= 500 or code in _UNCLEAR or (status == 200 and not code):
        return _unclear(method, once)
    if method == SOCKET_URL:
        return Refused(SOCKET_MODE_OFF if code == "link_disabled" else BAD_APP_KEY, code)
    return Refused(WORDS.get(code, f"Slack refused {method}: {code or status}."), code)


def _unclear(method: str, once: bool) -> SignalboxError:
    if once:
        return Unanswered(f"Slack was asked ({method}), but its answer was lost.")
    return Transient(f"Slack did not answer ({method}); I keep trying.")


def _with_scope(failure: SignalboxError, data: Any) -> SignalboxError:
    if isinstance(failure, Refused) and WORDS.get(failure.code) == str(failure) and isinstance(data, Mapping) and data.get("needed"):
        return Refused(f"The Slack app lacks the permission {data['needed']}. Import manifest.yml again and reinstall the app.", failure.code)
    return failure


def _seconds(text: str) -> float | None:
    try:
        return max(float(text), 0.0)
    except ValueError:
        return None
