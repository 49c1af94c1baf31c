"""Engine, sessions, tables and the embedded PostgreSQL."""
