"""Temporal's dev server: its command-line program found or built once, then run as a child of ours."""

from workers.devserver.finding import TemporalCliMissing, temporal_cli
from workers.devserver.server import DevServer, DevServerFailed

__all__ = ["DevServer", "DevServerFailed", "TemporalCliMissing", "temporal_cli"]
