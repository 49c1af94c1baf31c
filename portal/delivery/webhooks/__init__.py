"""Webhooks: what is told to whom, the endpoints and their secrets, and the sending over guarded connections."""
