"""What comes in: one verifier and reader of webhooks for each provider that sends any."""
