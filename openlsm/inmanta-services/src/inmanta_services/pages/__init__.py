"""Web pages about services, for people: ``inmanta-services pages``."""
