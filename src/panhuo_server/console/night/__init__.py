"""夜间运行: starting a night, watching it, and what it moved."""
