"""A person's own trades, and what they tell of him.

trade.py one trade, plan.py what a setup says of one, review.py all of them, reading.py a picture's,
words.py what they are called.
"""
