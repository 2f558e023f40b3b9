"""What goes out: one adapter for each provider."""
