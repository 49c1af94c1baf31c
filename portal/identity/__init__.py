"""People, organizations, sessions, invitations and keys: who may come in, and as whom."""
