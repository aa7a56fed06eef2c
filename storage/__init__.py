"""Memory: markets, maps and settings in SQLite or PostgreSQL."""
