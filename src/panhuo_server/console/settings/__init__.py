"""设置: one's own, and the organisation's."""
