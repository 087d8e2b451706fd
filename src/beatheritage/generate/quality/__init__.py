"""What a map can be made better by: each a definition, a number, and steps that improve it."""
