"""A person's own trades, and what they tell of him: trade.py one trade, review.py all of them."""
