"""An operator's view into one organization's data, for a limited time and told to its owners."""
