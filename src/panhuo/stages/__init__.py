"""What is judged along a loan's life; each stage independent of the others."""
