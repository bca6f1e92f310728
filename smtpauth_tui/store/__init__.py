"""The store: a SQLite database, and the only code that speaks SQL."""
