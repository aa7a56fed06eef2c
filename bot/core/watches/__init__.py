"""Watches: what a person wants to be told of, in his own words, and how it is told once.

text.py      what was typed, cleaned; every sign knows where it stood
grammar.lark the language; parse.py reads it into a tree.py, build.py clause by clause
refusal.py   a refusal points at the wrong word and says what would fit there
figures.py   the figures that can be compared, their limits and margins
columns.py   what is known of all markets at one time; program.py judges all watches by it
judge.py     one watch on one market, with the figures that its message names
lifecycle.py one episode on one market: inactive, pending, firing, kept, over
gate.py      what is said of it, and what is held back
hours.py     quiet hours and times of the day, in a person's own zone
preview.py   what a watch would have done on stored history
"""
