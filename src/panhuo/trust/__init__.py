"""Why others may believe it and join in."""
