"""What stands in order books, what trades against it, and what was liquidated just now."""
