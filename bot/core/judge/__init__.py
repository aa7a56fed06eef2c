"""How good a map has been: scores, baselines, walk-forward."""
