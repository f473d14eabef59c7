"""What every page is made of: figures that open, tables, drawings, time lines."""
