"""Who sends by SMTP AUTH, how much, and with which TLS: the portal's report in the terminal."""

__version__ = "0.1.0"
