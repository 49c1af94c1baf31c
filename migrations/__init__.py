"""Changes of the database's schema, in dated order."""
