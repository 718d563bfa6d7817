"""What the networks are worth: run these by hand, the tables belong in docs/quality.md."""
