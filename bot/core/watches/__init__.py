"""Watches: what a person wants to be told of, in his own words, and how it is told once.

text.py       what was typed, cleaned; every sign knows where it stood
grammar.lark  the language; parse.py reads it into a tree.py, build.py clause by clause
values.py     numbers with their units; written.py writes them so that they come back the same
refusal.py    points at the wrong word and says what would fit there
figures.py    the figures that can be compared, their limits and margins
columns.py    what is known of all markets at one time, which gathered.py works out
together.py   a coin's figures of all venues; mapped.py those of maps; past_columns.py of a past
program.py    all watches judged at once; truth.py the three answers, margin.py hysteresis
judge.py      one watch on one market, with the figures that its message names
lifecycle.py  one episode on one market: inactive, pending, firing, kept
gate.py       what is said of it, and what is held back; presets.py what is usual
grouping.py   one cascade over many symbols; sights.py no data over many watches
schedule.py   digests and pictures; hours.py the hours of a person's own day
saved.py      all states as bytes; counted.py what of them need not be kept at once
ledger.py     what became of each episode
preview.py    what a watch would have done on stored history
"""
