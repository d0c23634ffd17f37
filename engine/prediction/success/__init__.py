"""Will the next run succeed? Five views of its past, and what is known of its steps and services now, weighed by how well each has done."""
