"""The mailbox of development: an SMTP sink and an SMS pocket that keep what arrived, and pages that show it."""
