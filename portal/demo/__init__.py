"""Made-up data for trying the portal out: the same each time, with dates counted back from today."""
