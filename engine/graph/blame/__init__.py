"""What is to blame when something hurts: from flows, from alerts, from who needs whom; every verdict with its evidence in one sentence."""
