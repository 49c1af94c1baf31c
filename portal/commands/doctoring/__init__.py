"""What `portal doctor` looks at: each module has checks of one kind, which find things and change none."""
