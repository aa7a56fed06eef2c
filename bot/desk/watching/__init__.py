"""Watches that are kept: judged at each tick, told of, followed up.

telling.py  what is to be told of an episode, and who puts it into words
desk.py     the desk itself: ticks, changes, chats that are gone; kept.py its watches and states
wanted.py   which markets are watched; rows.py and gather.py what is known of them
judging.py  conditions compiled, compiled.py all of them; tick.py judges all, live.py at once
walk.py     one chat through one tick; said.py what came of it, as messages and ledger
turns.py    much gone through in parts, so that nobody waits long for the loop
putting.py  into the outbox, also after memory could not be used; past.py a preview's columns
schedule.py digests and pictures at their times
words.py    the teller: alerts.py an episode with its picture, followed.py what came of it,
            digest.py a summary or a picture at its time, ledger.py how a watch has done
"""
