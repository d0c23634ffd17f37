"""What would make a workflow better: finders over its definition and what its runs did, each with evidence, expected gain and the changed definition."""
