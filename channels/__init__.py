"""SPEAKS to providers: one thin adapter for each, out and in."""
