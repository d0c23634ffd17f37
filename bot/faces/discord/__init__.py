"""The Discord face: what Discord says becomes ours, our cards become Discord's components."""
