"""One module for each venue: what it offers, how far back, in what steps, how it is asked.

Intervals are chosen so that 30 days of one market come in a few seconds within half of what the
venue allows. Changing a candle interval changes what is stored.
"""
