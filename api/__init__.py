"""LISTENS. HTTP in: events, what providers tell, and the pages that customers meet."""
