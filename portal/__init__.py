"""The service: who may do what to which rows."""
