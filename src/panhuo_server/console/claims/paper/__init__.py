"""价值分析底稿: what an analyst changes of a claim's value, with reasons, up to the maximum bid and its approval."""
