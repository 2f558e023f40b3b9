"""What is done to a template's source once, before any customer's facts come near it."""
