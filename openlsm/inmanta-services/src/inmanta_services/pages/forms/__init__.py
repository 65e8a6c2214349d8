"""Forms: pure functions from the definition of a service to fields, and between what is in the fields and attributes."""
