"""``python -m smtpauth_tui``, and the command: what is done most often is done before the rest is loaded."""

import sys


def run() -> None:
    """The program, from the words of the command line."""
    if "import" in sys.argv:
        from smtpauth_tui.importer.telling import say
        from smtpauth_tui.unchanged import nothing_new

        try:
            if nothing_new(sys.argv[1:]):
                return
        except KeyboardInterrupt:
            say("interrupted; what was not complete was undone.")
            sys.exit(130)
    from smtpauth_tui.cli import run

    run()


if __name__ == "__main__":
    run()
