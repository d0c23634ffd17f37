"""The Slack face: bolt on two sockets (or signed HTTP), cards as Block Kit, words and presses handed to the conversation."""
