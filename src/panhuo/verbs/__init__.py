"""One verb a job, declared once."""
