"""The detector for any numeric series: how unusual one more value is, told by the series' own past alone."""
