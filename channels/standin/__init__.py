"""A stand-in for SendGrid and Twilio: their HTTP and webhooks, the truth of what it took, faults on command."""
