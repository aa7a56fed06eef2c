"""What followed, and whether it differs from what follows at random times."""
