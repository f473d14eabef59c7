"""The log, receipts, signatures."""
