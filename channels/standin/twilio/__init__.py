"""Twilio as the stand-in speaks it."""
