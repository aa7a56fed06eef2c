"""What is going on in a market: regimes and setups, as small state machines over event time.

A machine is fed what became known, in the order in which it became known, and says what it sees
after each. It reads no clock and remembers nothing else, so that a market that is followed live,
a replay and a backtest get the same answers, and nothing that came later can change one.
"""
