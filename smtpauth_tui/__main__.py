"""``python -m smtpauth_tui``: the same as the command."""

from smtpauth_tui.cli import run

if __name__ == "__main__":
    run()
