"""The erasure of a customer: everywhere she is, and at any point to be begun again."""
