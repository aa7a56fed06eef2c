"""The terminal as a chat: the same words and replies, for a desk without a phone."""
