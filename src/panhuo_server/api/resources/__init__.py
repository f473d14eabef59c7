"""What ``/api`` serves: tools, facts, outcomes, receipts, runs, shares; each module adds its endpoints to the frame."""
