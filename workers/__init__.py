"""ACTS: the only home of Temporal."""
