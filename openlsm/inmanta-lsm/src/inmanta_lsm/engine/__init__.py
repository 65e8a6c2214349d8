"""The lifecycle engine: carries out what the lifecycle decides."""
