"""资产保全: claims, their value, and the papers a committee works with."""
