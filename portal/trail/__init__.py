"""The trail of what was done: sealed into signed blocks, checked, handed out, and read by those it concerns."""
