"""From the intermediate model to the text of the generated files."""
