"""监管: the aggregates institutions let a supervisor have, with their trend, and the standard template."""
