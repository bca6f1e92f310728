"""Brings logs into the store: finds and orders the files, reads them, and says what came of it."""
