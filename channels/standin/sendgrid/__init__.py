"""SendGrid as the stand-in speaks it."""
