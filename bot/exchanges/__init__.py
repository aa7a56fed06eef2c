"""Venues: the only place that knows ccxt. Foreign payloads stop here."""
