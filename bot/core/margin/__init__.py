"""At which price a venue takes a position over: rule families, brackets, bundled tables."""
