"""How far each video is, from a Dagster instance and the reports beside the media."""
