"""The hall: what Signalbox decides and drives. It imports no room; every room may import it."""
