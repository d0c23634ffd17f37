"""Which alerts are one outage: topology, time, our own network, flapping. Pure values; time is passed in."""
