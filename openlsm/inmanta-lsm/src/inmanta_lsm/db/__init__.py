"""The database schema of the extension."""
