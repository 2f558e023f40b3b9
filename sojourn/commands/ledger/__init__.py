"""The commands that look into the ledger of messages, and resolve what nobody else can."""
