"""`digest` prints a person's morning paper and mails it. ARCHITECTURE.md is the map of this package."""

__version__ = "0.1.0"
