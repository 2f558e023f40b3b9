"""The one place where anything is decided: `settle` and what it is made of."""
