"""For whoever runs Emberline: what it measures of itself, and whether it is well.

metrics.py    figures for Prometheus; health.py what is looked at, and what it says
server.py     /metrics, /healthz and /readyz; heartbeat.py tells a watchman outside that all is well
"""
