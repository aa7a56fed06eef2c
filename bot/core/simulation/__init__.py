"""A market whose every position is known. Nothing of the estimate is imported here.

styles, traders   parameters, with their reasons
market            the state, and one step of it: arrivals and plans -> path -> settlement -> record
simulate, views   what was observed of it as a venue would publish it, and the truth behind that
"""
