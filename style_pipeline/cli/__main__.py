from style_pipeline.cli import main

main(prog_name="style-pipeline")
