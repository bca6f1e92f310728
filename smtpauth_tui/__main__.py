"""``python -m smtpauth_tui``, and the command: what is done most often is done before the rest is loaded."""

import sys


def run() -> None:
    """The program, from the words of the command line."""
    if "import" in sys.argv:
        from smtpauth_tui.unchanged import nothing_new

        if nothing_new(sys.argv[1:]):
            return
    from smtpauth_tui.cli import run

    run()


if __name__ == "__main__":
    run()
