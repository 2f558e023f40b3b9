"""A customer's data as a whole: taken out, removed, and looked for where it must not be."""
