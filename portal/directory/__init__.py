"""Organizations and what a buyer notes about its suppliers: records, contacts and the lists they come from."""
