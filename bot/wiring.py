"""Builds every part once, by settings; the only place that knows all."""
