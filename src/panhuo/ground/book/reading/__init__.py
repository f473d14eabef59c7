"""Reading foreign files into rows of a declared table, or into a free frame: good rows in, bad rows back."""
