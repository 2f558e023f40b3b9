"""When may a message go that may go at all? Quiet hours and caps."""
