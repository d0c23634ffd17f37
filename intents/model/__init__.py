"""The language model's rung: how it is asked, what it is told, how its answer is checked, and what it may cost."""
