"""A customer base to try things on: seeded, invented, and reachable by nobody."""
