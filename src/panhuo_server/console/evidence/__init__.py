"""存证: the log, its signed heads and batches, receipts to take away and to check, replays and corrections."""
