"""``python -m panhuo``: the same command, for where scripts are not on the path."""

from panhuo.verbs.command_line import main

main()
