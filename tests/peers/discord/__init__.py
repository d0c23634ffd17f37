"""A Discord of our own on the loopback: REST and gateway as the real one's wire, people who type, press and fill in forms.

``async with FakeDiscord() as fake`` starts it; leaving fails the test when the bot asked for anything unknown or invalid.
"""

from tests.peers.discord.people import FakeDiscord
from tests.peers.discord.world import Seen

__all__ = ["FakeDiscord", "Seen"]
