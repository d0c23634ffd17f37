"""One folder a face: ``read`` (theirs → ours, pure), ``write`` (card → theirs, pure), ``face`` (the wire)."""
