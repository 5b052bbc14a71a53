"""``python -m duecourse`` is the program ``duecourse``."""

from duecourse.cli import interrupts


def main() -> None:
    """Run the command line, which takes a moment to load."""
    interrupts.keep()
    try:
        from duecourse.cli.main import main as command_line  # noqa: PLC0415 - loaded once a Ctrl-C is heard
    except KeyboardInterrupt:
        interrupts.leave()
    command_line()


if __name__ == "__main__":
    main()
