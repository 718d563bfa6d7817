"""How far each video is, as a Dagster instance and the reports beside the media tell."""
