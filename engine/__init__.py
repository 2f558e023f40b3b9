"""DECIDES: what happens to a customer, and when. Pure: no network, database, clock, chance or Temporal."""
