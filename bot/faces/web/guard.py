"""What keeps other web pages out of ours: host names, origins, headers."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.requests import Request

from engine.errors import Forbidden

# Nothing but our own files; text can never become mark-up or script.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """``hosts``: further names under which browsers may reach us, such as that of a reverse proxy."""

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self._hosts = {"localhost", *(host.lower() for host in hosts if host)}

    def check_host(self, request: Request) -> None:
        """Raises Forbidden for a name that is not ours: a foreign page whose name was pointed at this machine (DNS rebinding).

        A bare IP address cannot be re-pointed and is always right.
        """
        host = _host_name(request.headers.get("host", ""))
        if host in self._hosts or host.endswith(".localhost") or _is_address(host):
            return
        raise Forbidden(
            f"Signalbox does not answer as “{host[:100]}”. Open it as localhost or by its IP address; "
            "if that name is right, set SIGNALBOX_HOST to it."
        )

    def check_act(self, request: Request) -> None:
        """Raises Forbidden when anything but our own page wants to act."""
        origin = request.headers.get("origin")
        foreign = origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()
        if foreign or request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Forbidden("This came from another web page and was not done. Use the page that Signalbox serves itself.")
        if request.headers.get("x-signalbox") != "web":
            raise Forbidden("This did not come from the page that Signalbox serves. For programs there is the API under /api/v2.")


def _host_name(header: str) -> str:
    try:
        return (urlsplit(f"//{header}").hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
