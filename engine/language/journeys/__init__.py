"""READS journeys: what lets customers in, the steps with their ids, the messages with their settings."""
