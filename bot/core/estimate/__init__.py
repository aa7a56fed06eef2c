"""The estimate: an inventory of positions that adds up to the open interest, bar by bar."""
