"""A mail server that speaks as much IMAP as a reader needs, on loopback; it can be made to misbehave."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Mailbox:
    """``messages`` by UID. ``trouble``: what happens at a command: ``hang up`` or ``no``."""

    messages: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    folder: str = "INBOX"
    says_next: bool = True
    capabilities: str = "IMAP4rev1"
    trouble: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(*lines: bytes | str) -> None:
            writer.write(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\r\n" for line in lines))

        say("* OK ready")
        try:
            while line := (await reader.readline()).decode().strip():
                tag, _, rest = line.partition(" ")
                self.heard.append(rest)
                verb = " ".join(rest.split()[:2]).upper() if rest.upper().startswith("UID") else rest.split()[0].upper()
                if self.trouble.get(verb) == "hang up":
                    return
                if self.trouble.get(verb) == "no":
                    say(f"{tag} NO refused")
                    continue
                self._answer(tag, verb, rest, say)
                await writer.drain()
                if verb == "LOGOUT":
                    return
        except ConnectionError:
            return  # the reader left first
        finally:
            writer.close()

    def _answer(self, tag: str, verb: str, rest: str, say: object) -> None:
        assert callable(say)
        if verb == "CAPABILITY":
            say(f"* CAPABILITY {self.capabilities}")
        elif verb == "LOGIN" and "wrong" in rest:
            say(f"{tag} NO [AUTHENTICATIONFAILED] invalid credentials")
            return
        elif verb == "EXAMINE":
            if rest.partition(" ")[2] != f'"{self.folder}"':
                say(f"{tag} NO there is none")
                return
            say(f"* {len(self.messages)} EXISTS", f"* OK [UIDVALIDITY {self.validity}] valid")
            if self.says_next:
                say(f"* OK [UIDNEXT {max([0, *self.messages]) + 1}] next")
        elif verb == "UID SEARCH":
            newest = max(self.messages, default=0)
            from_uid = re.findall(r"(\d+):\*", rest)
            wanted = [text.encode() for text in re.findall(r'"([^"]*)"', rest)]
            found = sorted(
                uid
                for uid, content in self.messages.items()
                if uid >= (min(int(from_uid[0]), newest) if from_uid else 0) and all(text in content for text in wanted)
            )
            say("* SEARCH" + "".join(f" {uid}" for uid in found))
        elif verb == "UID FETCH":
            uid = int(rest.split()[2])
            if uid in self.messages:
                content = self.messages[uid]
                say(f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(content)}}}".encode() + b"\r\n" + content + b")")
        elif verb == "LOGOUT":
            say("* BYE")
        say(f"{tag} OK done")


@asynccontextmanager
async def serving(box: Mailbox) -> AsyncIterator[int]:
    """The port it listens on."""
    server = await asyncio.start_server(box.serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
