"""数据导入: a file to facts in four steps, and what became of those handed in."""
