"""What the faces that speak HTTP share: one server, one app, one way to answer errors."""
