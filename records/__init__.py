"""REMEMBERS: the tables and their few queries, one noun per file."""
