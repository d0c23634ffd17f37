"""What all connectors share: description, wire, sandbox, webhooks."""
