"""``python -m duecourse`` is the program ``duecourse``."""

import signal

# Until we can say a sentence, a Ctrl-C ends the program without a word: nothing has been done yet.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

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
