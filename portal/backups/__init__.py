"""Backups: database, files and heads of the trail of one moment in a folder, checked, restored and compared."""
