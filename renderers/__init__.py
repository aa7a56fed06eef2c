"""Pictures: finished arrays in, PNG bytes out. Nothing here knows a chat, a clock or a venue."""
