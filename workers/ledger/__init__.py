"""The send ledger at work: claim, write, submit, record, and the sweep behind them."""
