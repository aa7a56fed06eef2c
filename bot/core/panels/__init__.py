"""Funding, open interest and long/short ratio: each venue beside all of them together."""
