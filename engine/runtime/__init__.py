"""The loops that drive decisions: runner, scheduler, dispatcher, monitor, announcer."""
