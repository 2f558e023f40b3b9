"""CHECKS what has been read: references, types, names and the ways through a journey, across all files."""
