"""The inventory as files: what they say, the plan that leads there, and how it is carried out."""
