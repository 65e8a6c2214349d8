"""What tests get: a pytest plugin, its fixtures, and the access to the orchestrator behind them."""
