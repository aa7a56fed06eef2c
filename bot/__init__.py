"""Emberline: liquidation heatmaps with their accuracy measured, in chat."""
