"""Hear and speak: the only place that knows telegram, discord or a terminal."""
