"""``python -m duecourse`` is the program ``duecourse``."""

from duecourse.cli.main import main

main()
