"""A person's data: out, and away."""
