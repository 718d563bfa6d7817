pytest_plugins = ["style_pipeline_tests.azurite", "style_pipeline_tests.dagster_dev"]
