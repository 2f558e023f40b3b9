"""What lies around the messages of the ledger: what providers tell, channels that pause, rates, reviews, lists."""
