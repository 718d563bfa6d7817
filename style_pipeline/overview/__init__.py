"""How far each video is, as a Dagster instance remembers it."""
