"""关联与担保圈: who answers for whom, the rings that closes, and what stands behind each."""
