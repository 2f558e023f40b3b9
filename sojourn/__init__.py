"""The front door: the `sojourn` command, settings, and what authors import."""
