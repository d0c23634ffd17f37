"""Will it work? Success rates, durations and recommendations, each with its evidence."""
