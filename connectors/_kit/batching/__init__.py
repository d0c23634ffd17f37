"""Equal asks that come within a moment of each other go out as one request; one file for each vendor's way of framing them."""
