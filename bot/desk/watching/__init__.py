"""Watches that are kept: judged at each tick, told of, followed up.

telling.py  what is to be told of an episode, and who puts it into words
rows.py     what is known of the markets that are watched, gathered for all watches at once
tick.py     one tick over all watches; live.py at once when a cascade moves
schedule.py digests and pictures at their times
words.py    the teller: alerts.py an episode with its picture, followed.py what came of it,
            digest.py a summary or a picture at its time, ledger.py how a watch has done
"""
