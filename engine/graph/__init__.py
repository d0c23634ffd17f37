"""Who needs whom: the dependency graph and what follows from it. The only importer of networkx."""
