"""Commands for where nothing reaches a customer."""
